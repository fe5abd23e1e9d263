package io.resticfleet.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.program.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Holds the last part of {@code docs/settings.md} to the code. {@code mvn test -Ddocs.write=true
 * -Dtest=AgentSettingsPageTest} rewrites it; the rest is the server's.
 */
class AgentSettingsPageTest {

    private static final Path PAGE = Path.of("../docs/settings.md");

    @Test
    void the_page_lists_the_settings_of_the_agent() throws IOException {
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(PAGE, servers() + section());
        }

        assertThat(Files.readString(PAGE)).isEqualTo(servers() + section());
    }

    /** The part that the server's test holds to the code. */
    private static String servers() throws IOException {
        var text = Files.readString(PAGE);
        int at = text.indexOf("\n# Settings of an agent");
        return at < 0 ? text : text.substring(0, at);
    }

    private static String section() {
        return """

                # Settings of an agent

                The installed agent reads its environment variables from `/etc/default/restic-fleet-agent`; run
                `systemctl restart restic-fleet-agent` after a change. Flags are for the commands named. What the server may do on the
                machine is in its policy file, see [SECURITY.md](../SECURITY.md); schedules and repositories are set on the server.

                | Variable | Flag | Commands | Default | Meaning |
                |---|---|---|---|---|
                """
                + AgentConfig.SETTINGS.stream().map(AgentSettingsPageTest::line).collect(Collectors.joining());
    }

    private static String line(Setting setting) {
        return "| %s | %s | %s | %s | %s |\n"
                .formatted(
                        code(setting.name()),
                        code(setting.flag()),
                        setting.commands().stream().sorted().collect(Collectors.joining(", ")),
                        code(setting.fallback()),
                        setting.meaning());
    }

    private static String code(String text) {
        return text.isEmpty() ? "" : "`" + text + "`";
    }
}
