package io.resticfleet.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.program.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Holds the first part of {@code docs/settings.md} to the code. {@code mvn test -Ddocs.write=true -Dtest=SettingsPageTest}
 * rewrites it; the rest is the agent's.
 */
class SettingsPageTest {

    private static final Path PAGE = Path.of("../docs/settings.md");

    @Test
    void the_manual_lists_the_settings_there_are() throws IOException {
        if (Boolean.getBoolean("docs.write")) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, page() + agents());
        }

        assertThat(Files.readString(PAGE)).isEqualTo(page() + agents());
    }

    /** The part that the agent's test holds to the code. */
    private static String agents() throws IOException {
        var text = Files.readString(PAGE);
        int at = text.indexOf("\n# Settings of an agent");
        return at < 0 ? "" : text.substring(at);
    }

    private static String page() {
        return """
                # Settings of the server

                Each setting is an environment variable and a flag (`--flag value` or `--flag=value`). The flag takes precedence, and
                a blank value counts as absent. With an unknown `RESTIC_FLEET_*` variable, an unknown flag or an invalid value the
                server does not start, and lists all of them. This page is generated from the code.

                | Variable | Flag | Default | Meaning |
                |---|---|---|---|
                """
                + ServerConfig.SETTINGS.stream()
                        .map(setting -> "| `%s` | `%s` | %s | %s |\n"
                                .formatted(setting.name(), setting.flag(), shown(setting.fallback()), cell(setting)))
                        .collect(Collectors.joining());
    }

    private static String shown(String fallback) {
        return fallback.matches("[a-z]+") ? fallback : "`" + fallback + "`";
    }

    private static String cell(Setting setting) {
        return setting.meaning().replaceAll("(<data-dir>[^ ]*)", "`$1`");
    }
}
