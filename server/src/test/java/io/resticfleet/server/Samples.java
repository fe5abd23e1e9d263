package io.resticfleet.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.ToServer;
import java.util.List;
import java.util.Map;

/** Values and request bodies that many tests send, and copies of messages. */
public final class Samples {

    public static final String URL = "rest:http://nas:8000/fleet/";
    public static final String REPO_PASSWORD = "repo-password-4711";
    public static final String REST_PASSWORD = "rest-password-0815";

    /** A schedule that backs up {@code /etc} and {@code /home} every night. */
    public static final Map<String, Object> NIGHTLY =
            Map.of("kind", "backup", "name", "nightly", "cron", "30 2 * * *", "paths", List.of("/etc", "/home"));

    /** The same without a name: the server chooses one, so that a host can have several. */
    public static final Map<String, Object> UNNAMED =
            Map.of("kind", "backup", "cron", "30 2 * * *", "paths", List.of("/etc", "/home"));

    private Samples() {}

    public static Map<String, Object> repository(String url) {
        return Map.of("url", url, "username", "fleet", "password", REST_PASSWORD, "repo_password", REPO_PASSWORD);
    }

    /** What an agent sends to enrol. */
    public static Map<String, Object> enrolment(String token, String hostname, String publicKey) {
        return Map.of(
                "token", token,
                "public_key", publicKey,
                "hostname", hostname,
                "os", "linux",
                "arch", "amd64",
                "agent_version", "0.1.0",
                "restic_version", "0.18.0",
                "time_zone", "UTC");
    }

    /**
     * A copy of a message.
     *
     * @param changes new values by their names on the wire
     */
    @SuppressWarnings("unchecked") // a copy of a T
    public static <T extends ToServer> T changed(T message, Map<String, ?> changes) {
        ObjectNode fields = Json.LENIENT.valueToTree(message);
        fields.setAll(Json.LENIENT.<ObjectNode>valueToTree(changes));
        return (T) Json.LENIENT.convertValue(fields, message.getClass());
    }
}
