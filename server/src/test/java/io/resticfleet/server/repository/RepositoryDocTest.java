package io.resticfleet.server.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackendVariables;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.server.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The page about repositories shows what the server accepts. */
class RepositoryDocTest {

    private static final Pattern BODY = Pattern.compile("```json\n(.*?)\n```", Pattern.DOTALL);

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void each_kind_has_a_body_that_is_accepted_and_the_names_of_its_variables() throws Exception {
        var page = Files.readString(Path.of("../docs/repositories.md"));
        var kinds = new TreeSet<String>();
        var bodies = BODY.matcher(page);
        while (bodies.find()) {
            var body = Json.STRICT.readTree(bodies.group(1));
            var added = server.api().post("/api/repositories", body);
            assertThat(added.status()).as(bodies.group(1) + added.text()).isEqualTo(201);
            kinds.add(new RepositoryUrl(body.path("url").asText()).backend());
        }

        assertThat(kinds)
                .containsExactlyElementsOf(RepositoryUrl.BACKENDS.stream()
                        .sorted(Comparator.naturalOrder())
                        .toList());
        RepositoryUrl.BACKENDS.forEach(backend -> assertThat(BackendVariables.names(backend))
                .allSatisfy(name -> assertThat(page).contains(name)));
    }
}
