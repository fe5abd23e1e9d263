package io.resticfleet.server.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Compares {@code docs/alerts.md} with the code. {@code mvn test -Ddocs.write=true -Dtest=AlertsPageTest} rewrites it. */
class AlertsPageTest {

    private static final Path PAGE = Path.of("../docs/alerts.md");
    private static final String KINDS = "## Kinds\n";

    @Test
    void the_page_lists_all_kinds() throws IOException {
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(PAGE, byHand() + kinds());
        }

        assertThat(Files.readString(PAGE)).isEqualTo(byHand() + kinds());
    }

    private static String byHand() throws IOException {
        var text = Files.readString(PAGE);
        return text.substring(0, text.indexOf(KINDS));
    }

    private static String kinds() {
        return KINDS
                + """

                This table is generated from the code. More kinds may be added.

                | Kind | What is wrong |
                |---|---|
                """
                + Stream.of(AlertKind.values())
                        .map(kind -> "| `%s` | %s |\n".formatted(kind.word(), kind.meaning()))
                        .collect(Collectors.joining());
    }
}
