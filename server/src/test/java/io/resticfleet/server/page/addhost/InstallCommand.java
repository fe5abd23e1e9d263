package io.resticfleet.server.page.addhost;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;

/** The command that installs an agent, as the page shows it. */
record InstallCommand(String source, String server, String token) {

    private static final Pattern FORM = Pattern.compile(
            "\\{ echo RESTIC_FLEET_TOKEN=(rfe_\\S+); curl -fsS (\\S+)/agent/install\\.sh; } \\| sudo bash -s -- --server (\\S+)");

    static InstallCommand of(String command) {
        var parts = FORM.matcher(command);
        assertThat(parts.matches()).as(command).isTrue();
        return new InstallCommand(parts.group(2), parts.group(3), parts.group(1));
    }
}
