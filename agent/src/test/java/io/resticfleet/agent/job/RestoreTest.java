package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.restore.FreeSpace;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.SnapshotPath;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Restores to a new folder, by the oldest and the newest restic. */
@Tag("slow")
class RestoreTest {

    private static final String TREE = """
            mkdir -p plain/empty odd; echo hello >plain/hello; : >plain/nothing; ln -s hello plain/link
            ln -s /nowhere plain/dangling; ln plain/hello plain/hard; mkfifo plain/fifo; chmod 4750 plain/hello
            truncate -s 8M plain/sparse; echo end >>plain/sparse; printf x >'odd/a*b[1]?\\.txt'; printf y >odd/aXb1Y.txt
            printf z >$'odd/new\\nline'; printf u >'odd/ü 日'; printf l >$'odd/latin \\xe4\\xf6'; printf l2 >$'odd/latin ab'
            mkdir $'odd/dir \\xff'; printf d >$'odd/dir \\xff/inside'; printf s >'odd/ spaces  '; printf t >'odd/$HOME'
            if [ "$(id -u)" = 0 ]; then chown -h 1234:4321 plain/hello plain/link plain/empty; fi
            touch -h -d '2001-02-03 04:05:06.789' plain/hello plain/link plain/empty plain odd .
            """;

    @TempDir
    static Path root;

    /** One for each restic, as nothing here changes the snapshot. */
    private static final Map<String, RestoreHarness> HARNESSES = new HashMap<>();

    private RestoreHarness harness;

    static List<String> restics() throws IOException {
        return RestoreHarness.restics().toList();
    }

    @AfterAll
    static void stop() {
        HARNESSES.values().forEach(RestoreHarness::close);
        HARNESSES.clear();
    }

    private static RestoreHarness harness(String restic) throws Exception {
        if (!HARNESSES.containsKey(restic)) {
            var place = Files.createDirectory(root.resolve("m" + HARNESSES.size()));
            HARNESSES.put(restic, new RestoreHarness(place, restic, TREE, source -> {
                Files.getFileAttributeView(source.resolve("plain/hello"), UserDefinedFileAttributeView.class)
                        .write("mark", StandardCharsets.UTF_8.encode("kept"));
            }));
        }
        return HARNESSES.get(restic);
    }

    private SnapshotPath raw(String latin1) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes((harness.source + "/").getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(latin1.getBytes(StandardCharsets.ISO_8859_1));
        return SnapshotPath.of(RawText.of(bytes.toByteArray()));
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_new_folder_gets_everything_as_it_was(String restic) throws Exception {
        harness = harness(restic);
        var end = harness.run(harness.toNewFolder(harness.path("")));

        var copy = harness.folder(end).resolve(harness.source.toString().substring(1));
        assertThat(end.status()).as(end + harness.log(end)).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(RestoreHarness.description(copy)).isEqualTo(RestoreHarness.description(harness.source));
        assertThat(Files.getFileAttributeView(copy.resolve("plain/hello"), UserDefinedFileAttributeView.class)
                        .list())
                .contains("mark");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(harness.folder(end))))
                .isEqualTo("rwx------");
        var figures = harness.figures(end);
        assertThat(figures.failed()).isZero();
        assertThat(figures.files()).isEqualTo(21);
        assertThat(figures.bytes()).isGreaterThan(8 << 20);
        assertThat(figures.seconds()).isPositive();
        assertThat(figures.target()).contains(harness.folder(end).toString());
        assertThat(harness.incomplete(end)).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("restics")
    void only_the_chosen_paths_are_restored_whatever_their_names(String restic) throws Exception {
        harness = harness(restic);

        var end = harness.run(harness.toNewFolder(
                harness.path("odd/a*b[1]?\\.txt"),
                harness.path("odd/new\nline"),
                harness.path("odd/ü 日"),
                harness.path("odd/ spaces  "),
                harness.path("odd/$HOME"),
                raw("odd/dir \u00ff/inside"),
                harness.path("plain/empty")));

        var copy = harness.folder(end).resolve(harness.source.toString().substring(1));
        assertThat(end.status()).as(end + harness.log(end)).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(RestoreHarness.shell(copy, "find . ! -type d -print0 | LC_ALL=C sort -z | tr '\\0' '\\n' | cat -A"))
                .isEqualTo("""
                        ./odd/ spaces  $
                        ./odd/$HOME$
                        ./odd/a*b[1]?\\.txt$
                        ./odd/dir M-^?/inside$
                        ./odd/new$
                        line$
                        ./odd/M-CM-< M-fM-^WM-%$
                        """);
        assertThat(harness.figures(end).files()).isEqualTo(7);
    }

    @Test
    void a_name_that_restic_cannot_tell_from_others_is_refused_and_a_path_that_is_not_there_too() throws Exception {
        harness = harness(RestoreHarness.OLDEST);

        var ambiguous = harness.run(harness.toNewFolder(raw("odd/latin \u00e4\u00f6")));
        var missing = harness.run(harness.toNewFolder(harness.path("plain/hello"), harness.path("plain/none")));
        var nothing = harness.run(harness.toNewFolder(SnapshotPath.of("/etc")));

        assertThat(ambiguous.errorCode()).as(ambiguous + "").contains(ErrorCode.NOT_IN_SNAPSHOT.reported());
        assertThat(ambiguous.error().orElseThrow()).contains("cannot tell it from 1 other");
        assertThat(missing.errorCode()).contains(ErrorCode.NOT_IN_SNAPSHOT.reported());
        assertThat(missing.error().orElseThrow()).endsWith(harness.source + "/plain/none");
        assertThat(nothing.errorCode()).contains(ErrorCode.NOT_IN_SNAPSHOT.reported());
        assertThat(harness.incomplete(ambiguous)).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("restics")
    void an_unknown_snapshot_is_named(String restic) throws Exception {
        harness = harness(restic);
        var restore = harness.toNewFolder(harness.path("a"));

        var end = harness.run(new Restore(
                "0".repeat(64), restore.paths(), restore.target(), restore.overwrite(), false, false, false));

        assertThat(end.errorCode()).as(end + harness.log(end)).contains(ErrorCode.SNAPSHOT_NOT_FOUND.reported());
    }

    @Test
    void a_dry_run_lists_what_a_new_folder_would_get() throws Exception {
        harness = harness(RestoreHarness.OLDEST);
        var restore = harness.toNewFolder(harness.path("plain"));

        var end = harness.run(new Restore(
                restore.snapshotId(), restore.paths(), restore.target(), restore.overwrite(), false, true, false));

        assertThat(end.status()).as(end + "").isEqualTo(JobStatus.SUCCEEDED);
        assertThat(harness.log(end)).contains("would restore " + harness.source + "/plain/hello");
        assertThat(harness.figures(end).files()).isEqualTo(9);
        assertThat(harness.incomplete(end)).doesNotExist();
    }

    @Test
    void a_disk_that_is_too_full_is_not_filled_further() throws Exception {
        harness = harness(RestoreHarness.OLDEST);
        harness.jobs.space = path -> new FreeSpace.Space(110L << 20, 1L << 30);

        var end = harness.run(harness.toNewFolder(harness.path("plain/sparse")));
        harness.jobs.space = FreeSpace.OF_SYSTEM;

        assertThat(end.errorCode()).as(end + "").contains(ErrorCode.NO_SPACE.reported());
        assertThat(end.error().orElseThrow())
                .contains("8.0 MiB are needed", "102.4 MiB must stay free", "only 110.0 MiB are free");
        assertThat(harness.incomplete(end)).doesNotExist();
    }

    @Test
    void an_old_restic_restores_to_a_new_folder_only_and_says_which_does_more() throws Exception {
        harness = harness(RestoreHarness.OLDEST);
        var restore = harness.toNewFolder(harness.path("a"));

        var byName = harness.run(new Restore(
                restore.snapshotId(), restore.paths(), restore.target(), restore.overwrite(), false, false, true));

        assertThat(byName.errorCode()).contains(ErrorCode.RESTIC_TOO_OLD.reported());
        assertThat(byName.error().orElseThrow()).contains("needs restic 0.19.0, and this machine has 0.14.0");
    }

    @Test
    void a_restore_goes_on_without_the_agent_and_can_be_cancelled() throws Exception {
        var place = Files.createDirectory(root.resolve("slow"));
        var restic = JobHarness.resticBut(
                place, "*' restore '*) /usr/bin/restic \"$@\" || exit; touch '" + place + "/written'; exec sleep 3 ;;");
        harness = new RestoreHarness(place, restic, "echo hello >hello");
        HARNESSES.put(restic, harness);
        var adopted = harness.jobs.submit(harness.toNewFolder(harness.path("hello")));
        eventually(() -> assertThat(place.resolve("written")).exists());

        harness.close();
        var restarted = new JobHarness(place, HookRule.LOCAL_ONLY, restic, JobHarness.LIMITS);
        var end = restarted.end(adopted);
        Files.delete(place.resolve("written"));
        var cancelled = restarted.submit(harness.toNewFolder(harness.path("hello")));
        eventually(() -> assertThat(place.resolve("written")).exists());
        restarted.runner.cancel(new JobId(cancelled));
        var stopped = restarted.end(cancelled);
        restarted.close();

        assertThat(end.status()).as(end + restarted.log(adopted)).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(harness.folder(end).resolve(harness.source.toString().substring(1) + "/hello"))
                .hasContent("hello");
        assertThat(stopped.status()).as(stopped + "").isEqualTo(JobStatus.CANCELLED);
        assertThat(stopped.error().orElseThrow())
                .isEqualTo("cancelled on request; what was restored is in " + harness.incomplete(stopped));
        assertThat(harness.incomplete(stopped)).isDirectory();
    }

    @Test
    void what_is_missing_afterwards_is_named_and_the_folder_stays_incomplete() throws Exception {
        var place = Files.createDirectory(root.resolve("failing"));
        var restic = JobHarness.resticBut(
                place,
                "*' restore '*) /usr/bin/restic \"$@\" || exit; cd '" + place
                        + "/state/restores' && find . -name one -delete && find . -name two -exec truncate -s 1 {} +; exit 0 ;;");
        harness = new RestoreHarness(place, restic, "echo 1 >one; echo 2 >two; echo 3 >three");
        HARNESSES.put(restic, harness);

        var end = harness.run(harness.toNewFolder(harness.path("")));

        assertThat(end.status()).isEqualTo(JobStatus.PARTIAL);
        assertThat(end.errorCode()).contains(ErrorCode.RESTORE_INCOMPLETE.reported());
        assertThat(end.error().orElseThrow())
                .contains(
                        "2 entries were not restored",
                        harness.source + "/one",
                        harness.incomplete(end).toString());
        assertThat(harness.log(end))
                .contains("not restored: " + harness.source + "/one: it is not there")
                .contains("not restored: " + harness.source + "/two: it has 1 bytes instead of 2");
        assertThat(harness.figures(end).failed()).isEqualTo(2);
        assertThat(harness.incomplete(end)).isDirectory();
        assertThat(harness.folder(end)).doesNotExist();
    }
}
