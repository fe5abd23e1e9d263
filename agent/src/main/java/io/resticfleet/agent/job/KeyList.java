package io.resticfleet.agent.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.RepositoryKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The keys of a repository, the oldest first: restic lists them in the order in which it has read them, which varies.
 *
 * @param failure why they could not be listed; absent if they were
 */
record KeyList(Optional<Outcome> failure, List<RepositoryKey> keys) {

    /** Opens the repository, and lists its keys. */
    static KeyList of(ResticCalls restic, String step)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var listed = restic.run(step, ResticCommand.describeKeys(), event -> {});
        return listed.exitCode() == 0
                ? new KeyList(Optional.empty(), parse(listed.stdout()))
                : new KeyList(Optional.of(ResticCalls.failed(listed)), List.of());
    }

    /** The id of the key that has opened the repository; empty if none has. */
    Optional<String> current() {
        return keys.stream()
                .filter(RepositoryKey::current)
                .map(RepositoryKey::id)
                .findFirst();
    }

    boolean isWrongPassword() {
        return failure.flatMap(Outcome::errorCode).equals(Optional.of(ErrorCode.WRONG_PASSWORD));
    }

    private static List<RepositoryKey> parse(Path stdout) throws IOException {
        var keys = new ArrayList<RepositoryKey>();
        for (var line : Files.readString(stdout).lines().toList()) {
            parse(line).filter(JsonNode::isArray).ifPresent(array -> array.forEach(key -> keys.add(key(key))));
        }
        keys.sort(Comparator.comparing(RepositoryKey::created).thenComparing(RepositoryKey::id));
        return keys;
    }

    private static RepositoryKey key(JsonNode key) {
        return new RepositoryKey(
                key.path("id").asText(),
                key.path("current").asBoolean(),
                key.path("userName").asText(),
                key.path("hostName").asText(),
                key.path("created").asText());
    }

    private static Optional<JsonNode> parse(String line) {
        try {
            return Optional.ofNullable(Json.FOREIGN.readTree(line));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
