package io.resticfleet.e2e;

import java.util.List;
import java.util.Map;

/** Commands that install the agent on a machine, for root. */
final class InstallLine {

    private InstallLine() {}

    /**
     * The line shown by the server; its repository is {@code /var/repository}, its backups are of {@code /var/data}.
     */
    static String of(ServerProcess server) throws Exception {
        var body = Map.of("repository", Map.of("url", "/var/repository"), "initial_paths", List.of("/var/data"));
        return server.post("/api/enrollment-tokens", body)
                .path("command")
                .asText()
                .replace("sudo ", "");
    }

    /** The script alone, to add options. */
    static String script(ServerProcess server) {
        return "curl -fsS " + server.url() + "/agent/install.sh | bash -s --";
    }
}
