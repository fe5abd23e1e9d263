package io.resticfleet.agent.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateDirectoryTest {

    @TempDir
    Path root;

    @Test
    void a_tree_is_deleted_while_a_program_still_writes_and_deletes_in_it() throws Exception {
        var state = StateDirectory.open(root);
        var tree = state.directory("tree");
        var ends = new AtomicBoolean();
        var runs = new CountDownLatch(1);
        var program = new Thread(() -> {
            for (int i = 0; !ends.get(); i++) {
                churn(tree, i);
                runs.countDown();
            }
        });
        program.start();
        runs.await();
        try {
            for (int i = 0; i < 300; i++) {
                state.deleteTree(tree);
            }
        } finally {
            ends.set(true);
            program.join();
        }

        state.deleteTree(tree);
        assertThat(tree).doesNotExist();
        state.deleteTree(tree);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "{", "[1,", "\u0000\u0000\u0000\u0000"})
    void a_damaged_file_is_recognised_and_can_be_set_aside(String content) throws IOException {
        var state = StateDirectory.open(root);
        Files.writeString(root.resolve("note.json"), content);

        assertThatThrownBy(() -> state.readJson("note.json", Long[].class))
                .isInstanceOf(StateDirectory.DamagedFile.class);

        state.setAside(root.resolve("note.json"));
        assertThat(state.readJson("note.json", Long[].class)).isEmpty();
        assertThat(root.resolve("note.json.damaged")).content().isEqualTo(content);
    }

    private static void churn(Path tree, int i) {
        try {
            var directory = Files.createDirectories(tree.resolve("d" + i % 7));
            var file = Files.writeString(directory.resolve("f" + i % 5), "x");
            if (i % 2 == 0) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException e) {
            return; // deleted meanwhile, as intended
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
