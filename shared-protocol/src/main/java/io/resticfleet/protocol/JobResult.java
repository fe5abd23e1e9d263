package io.resticfleet.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Arrays;

/**
 * The figures of a job, as restic defines them: one record for each kind of job that has figures. In JSON an object,
 * mostly of numbers; its record follows from the job's kind, which is sent with it.
 */
public sealed interface JobResult
        permits BackupResult,
                ProbeResult,
                ForgetResult,
                PruneResult,
                CheckResult,
                UnlockResult,
                StatsResult,
                CopyResult,
                DrillResult,
                RotateKeyResult,
                RestoreResult,
                NoResult {

    /**
     * Reads the figures of a job.
     *
     * @return {@link NoResult} if there are none for this kind of job
     * @throws IllegalArgumentException if one of them is not a number
     */
    static JobResult read(JobKind kind, JsonNode figures) {
        return Reader.read(
                switch (kind) {
                    case BACKUP -> BackupResult.class;
                    case FORGET -> ForgetResult.class;
                    case CHECK -> CheckResult.class;
                    case PRUNE -> PruneResult.class;
                    case UNLOCK -> UnlockResult.class;
                    case STATS -> StatsResult.class;
                    case COPY -> CopyResult.class;
                    case DRILL -> DrillResult.class;
                    case ROTATE_KEY -> RotateKeyResult.class;
                    case PROBE -> ProbeResult.class;
                    case RESTORE -> RestoreResult.class;
                    case INIT, SNAPSHOTS, REPAIR_INDEX, REPAIR_SNAPSHOTS -> NoResult.class;
                },
                figures);
    }

    /**
     * Reads the figures of a job from their JSON.
     *
     * @throws IllegalArgumentException if it is not JSON, or one of them is not a number
     */
    static JobResult read(JobKind kind, String figures) {
        return read(kind, Reader.tree(figures));
    }

    /** Lenient: restic omits some zeros, and a newer peer sends figures unknown here. */
    final class Reader {

        private static final JsonMapper JSON = Wire.builder()
                .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build();

        private Reader() {}

        private static JsonNode tree(String figures) {
            try {
                return JSON.readTree(figures);
            } catch (JsonProcessingException e) {
                throw new IllegalArgumentException("the figures of a job are not JSON", e);
            }
        }

        private static JobResult read(Class<? extends JobResult> type, JsonNode figures) {
            var names = new SnakeCaseStrategy();
            var known = Arrays.stream(type.getRecordComponents())
                    .anyMatch(component -> figures.has(names.translate(component.getName())));
            try {
                return known ? JSON.treeToValue(figures, type) : new NoResult();
            } catch (JsonProcessingException e) {
                throw new IllegalArgumentException("the figures of a job are not numbers", e);
            }
        }
    }
}
