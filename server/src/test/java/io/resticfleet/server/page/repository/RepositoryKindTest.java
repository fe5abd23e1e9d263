package io.resticfleet.server.page.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackendVariables;
import io.resticfleet.protocol.RepositoryUrl;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The table of kinds is complete. */
class RepositoryKindTest {

    @Test
    void every_kind_and_every_variable_that_may_be_set_has_a_field() {
        assertThat(Arrays.stream(RepositoryKind.values()).map(RepositoryKind::word))
                .containsExactlyInAnyOrderElementsOf(RepositoryUrl.BACKENDS);
        for (var kind : RepositoryKind.values()) {
            var fields = kind.fields().map(KindField::name).toList();
            var pair = RepositoryUrl.typed(example(kind))
                    .environment(Optional.of("x"), Optional.of("y"))
                    .keySet();
            for (var name : BackendVariables.names(kind.word())) {
                assertThat(fields).as("%s of %s", name, kind).contains(pair.contains(name) ? "username" : name);
            }
            var url = RepositoryUrl.typed(example(kind)).value();
            assertThat(RepositoryKind.of(url)).isEqualTo(kind);
            assertThat(kind.url(kind.parts(url))).isEqualTo(url);
        }
    }

    private static String example(RepositoryKind kind) {
        return kind.url(kind.location().stream().map(KindField::example).toList());
    }
}
