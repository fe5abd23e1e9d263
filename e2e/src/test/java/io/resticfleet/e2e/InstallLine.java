package io.resticfleet.e2e;

import java.util.List;
import java.util.Map;

/** What is typed on a machine to have its agent, by somebody who is root already. */
final class InstallLine {

    private InstallLine() {}

    /** The line that the server shows; its repository is {@code /var/repository}, and {@code /var/data} is backed up. */
    static String of(ServerProcess server) throws Exception {
        var body = Map.of("repository", Map.of("url", "/var/repository"), "initial_paths", List.of("/var/data"));
        return server.post("/api/enrollment-tokens", body)
                .path("command")
                .asText()
                .replace("sudo ", "");
    }

    /** The script alone, for flags to be added. */
    static String script(ServerProcess server) {
        return "curl -fsS " + server.url() + "/agent/install.sh | bash -s --";
    }
}
