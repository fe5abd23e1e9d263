package io.resticfleet.server.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.server.retention.ForgedRepository.Forged;
import io.resticfleet.server.retention.KeepTiers.Dated;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agreement with {@code restic forget --dry-run}; {@code make retention-agreement} tries many more cases. */
@Tag("slow")
class KeepTiersTest {

    private static final int CASES = Integer.getInteger("retention.cases", 100);
    private static final int SETS = Math.max(20, (int) Math.sqrt(CASES * 2.0));
    private static final Instant NOW = Instant.parse("2026-06-15T12:00:00Z");
    private static final String TREE = "0".repeat(64);

    private static final List<ZoneId> ZONES = List.of(
            ZoneId.of("UTC"), ZoneId.of("Europe/London"), ZoneId.of("America/New_York"), ZoneId.of("Asia/Tokyo"));

    private final Random random = new Random(Long.getLong("retention.seed", 1));

    private record SnapshotSet(ZoneId zone, List<Dated> snapshots) {}

    @Test
    void keeps_what_restic_keeps_for_the_same_reasons(@TempDir Path directory)
            throws IOException, GeneralSecurityException {
        var restic = ForgedRepository.newestRestic();
        assumeTrue(restic.isPresent(), "scripts/newer-restic.sh could not fetch a newer restic");
        var repository = ForgedRepository.create(restic.get(), directory);
        var sets = new LinkedHashMap<String, SnapshotSet>();
        for (int i = 0; i < SETS; i++) {
            sets.put("host" + i, randomSet(repository, "host" + i));
        }
        int cases = 0;
        while (cases < CASES) {
            var policy = randomPolicy();
            for (var group : repository.forget(policy)) {
                var set = sets.get(group.get("host").asText());
                assertThat(new KeepTiers(policy, set.zone()).keep(set.snapshots(), NOW))
                        .as("%s of %s", policy, set)
                        .containsExactlyInAnyOrderEntriesOf(kept(group));
                cases++;
            }
        }
    }

    private SnapshotSet randomSet(ForgedRepository repository, String host)
            throws IOException, GeneralSecurityException {
        var zone = ZONES.get(random.nextInt(ZONES.size()));
        var spread = Duration.ofMinutes(60L * (1 + random.nextInt(24 * (1 + random.nextInt(120)))));
        var snapshots = new ArrayList<Dated>();
        int count = 1 + random.nextInt(60);
        var at = NOW.minus(Duration.ofMinutes(1 + random.nextInt(100_000)));
        for (int i = 0; i < count; i++) {
            // Whole hours now and then, as they are the edges of buckets and of keep_within.
            at = at.minusSeconds(1 + random.nextInt((int) spread.toSeconds()));
            at = random.nextInt(4) == 0 ? Instant.ofEpochSecond(at.getEpochSecond() / 3600 * 3600 - 3600) : at;
            var time = DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(at.atZone(zone));
            snapshots.add(new Dated(repository.add(new Forged(time, TREE, List.of("/"), host, List.of())), at));
        }
        return new SnapshotSet(zone, snapshots);
    }

    private RetentionPolicy randomPolicy() {
        RetentionPolicy policy;
        do {
            var within = List.of("12h", "3d", "1m", "1y2m3d4h", "2m15d").get(random.nextInt(5));
            policy = new RetentionPolicy(
                    count(5),
                    count(30),
                    count(14),
                    count(10),
                    count(14),
                    count(5),
                    Optional.of(within).filter(text -> random.nextInt(3) == 0));
        } while (policy.isEmpty());
        return policy;
    }

    private int count(int max) {
        return random.nextInt(2) == 0 ? 0 : 1 + random.nextInt(max);
    }

    private static Map<String, List<String>> kept(JsonNode group) {
        var kept = new HashMap<String, List<String>>();
        for (var reason : group.get("reasons")) {
            var words = new ArrayList<String>();
            reason.get("matches").forEach(match -> words.add(match.asText()));
            kept.put(reason.get("snapshot").get("id").asText(), words);
        }
        return kept;
    }

    @Test
    void ten_thousand_snapshots_take_a_moment() {
        var snapshots = IntStream.range(0, 10_000)
                .mapToObj(i -> new Dated("%064x".formatted(i), NOW.minus(Duration.ofMinutes(37L * i))))
                .toList();
        var policy = new RetentionPolicy(5, 24, 14, 8, 12, 3, Optional.of("30d"));
        var tiers = new KeepTiers(policy, ZoneId.of("Europe/London"));
        assertThat(new TreeMap<>(tiers.keep(snapshots, NOW))).hasSizeGreaterThan(30 * 24);
    }
}
