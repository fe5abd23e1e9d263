package io.resticfleet.agent.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.StatsResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Measures the repository, and lists its keys. */
record StatsJob(ResticCalls restic) implements JobWork {

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var unreachable = restic.unreachable();
        if (unreachable.isPresent()) {
            return unreachable.get();
        }
        var measured = restic.run("stats", ResticCommand.stats(), event -> {});
        if (measured.exitCode() != 0) {
            return ResticCalls.failed(measured);
        }
        var size = lastObject(measured.stdout(), "total_size");
        if (size.isEmpty()) {
            return Outcome.failed(0, ErrorCode.UNKNOWN, "restic printed no size of the repository");
        }
        var listed = KeyList.of(restic, "keys");
        if (listed.failure().isPresent()) {
            return listed.failure().get();
        }
        return Outcome.succeeded(
                0,
                new StatsResult(
                        size.get().path("total_size").asLong(),
                        size.get().has("total_uncompressed_size")
                                ? Optional.of(size.get()
                                        .path("total_uncompressed_size")
                                        .asLong())
                                : Optional.empty(),
                        size.get().path("total_blob_count").asLong(),
                        size.get().path("snapshots_count").asLong(),
                        Optional.of(listed.keys())));
    }

    /** The last line that is an object with this field: restic 0.19.0 prints its progress there, too. */
    private static Optional<JsonNode> lastObject(Path stdout, String field) throws IOException {
        return Files.readString(stdout)
                .lines()
                .flatMap(line -> parse(line).stream())
                .filter(json -> json.has(field))
                .reduce((earlier, later) -> later);
    }

    private static Optional<JsonNode> parse(String line) {
        try {
            return Optional.ofNullable(Json.FOREIGN.readTree(line));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
