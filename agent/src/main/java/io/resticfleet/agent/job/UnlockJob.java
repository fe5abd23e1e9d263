package io.resticfleet.agent.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.NoResult;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/**
 * Removes locks. Succeeds only if none stays: restic exits with 0 also for locks that it considers in use.
 *
 * @param command the unlock
 */
record UnlockJob(ResticCalls restic, ResticCommand command) implements JobWork {

    /** Locks of which the holder is looked up; more are counted. */
    private static final int MAX_NAMED = 5;

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var unlocked = new PlainJob(restic, "unlock", command, summary -> new NoResult()).run();
        if (unlocked.errorCode().isPresent()) {
            return unlocked;
        }
        var locks = restic.run("locks", ResticCommand.locks(), event -> {});
        if (locks.exitCode() != 0) {
            return ResticCalls.failed(locks);
        }
        var left = Files.readString(locks.stdout())
                .lines()
                .filter(id -> !id.isBlank())
                .toList();
        return left.isEmpty()
                ? unlocked
                : Outcome.failed(
                        0,
                        ErrorCode.LOCKED,
                        left.size() + (left.size() == 1 ? " lock stays: " : " locks stay: ") + holders(left)
                                + "; restic keeps a lock whose process may still be running");
    }

    private String holders(List<String> ids) throws IOException, InterruptedException, JobAborted, ResticMissing {
        var holders = new ArrayList<String>();
        for (var id : ids.subList(0, Math.min(MAX_NAMED, ids.size()))) {
            var lock = restic.run("lock", ResticCommand.lock(id), event -> {});
            holders.add(lock.exitCode() == 0 ? holder(Files.readString(lock.stdout())) : id);
        }
        return String.join(", ", holders) + (ids.size() > MAX_NAMED ? ", …" : "");
    }

    private static String holder(String json) throws IOException {
        JsonNode lock;
        try {
            lock = Json.FOREIGN.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IOException("restic's description of a lock is not valid JSON", e);
        }
        return "%s by %s on %s (pid %s) since %s"
                .formatted(
                        lock.path("exclusive").asBoolean() ? "exclusive" : "shared",
                        lock.path("username").asText("?"),
                        lock.path("hostname").asText("?"),
                        lock.path("pid").asText("?"),
                        lock.path("time").asText("?"));
    }
}
