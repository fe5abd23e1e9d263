package io.resticfleet.server.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.resticfleet.protocol.LeastKept;
import io.resticfleet.protocol.PolicyDuration;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.retention.AttackedFleet.Machine;
import io.resticfleet.server.retention.KeepTiers.Dated;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random attacks on a real repository behind {@code rest-server --append-only}, by somebody who owns one of its machines.
 * {@code make attacks} tries many more.
 */
@Tag("faults")
class AppendOnlyAttackTest {

    private static final int SCRIPTS = Integer.getInteger("attacks.scripts", 2);
    private static final long SEED = Long.getLong("attacks.seed", 1);

    /** The day of the history after which the first scripts begin. */
    private static final int FIRST_SAVED = 9;

    /** More days on which scripts can begin. */
    private static final int SAVED = SCRIPTS > 2 ? 4 : 1;

    private static final Duration DAY = Duration.ofDays(1);

    @RegisterExtension
    final TestServer server = new TestServer();

    @TempDir
    Path root;

    private AttackedFleet fleet;
    private Instant takenOver;
    private RetentionPolicy policy;
    private LeastKept least;
    private Set<String> real;
    private int lostByRestic;

    @Test
    void no_real_snapshot_is_lost_whatever_the_everyday_credentials_allow() throws Exception {
        var restic = ForgedRepository.newestRestic();
        var restServer = Path.of("../.tools/rest-server").toAbsolutePath().normalize();
        assumeTrue(restic.isPresent() && Files.isExecutable(restServer), "scripts/newer-restic.sh fetches both");
        Files.writeString(Files.createDirectories(root.resolve("data/src")).resolve("file"), "content");
        try (var repository = AppendOnlyRepository.start(restic.get(), restServer, root.resolve("data"))) {
            fleet = new AttackedFleet(server, repository, root);
            for (int day = 1; day < FIRST_SAVED + SAVED; day++) {
                server.clock().advance(DAY);
                fleet.backup(fleet.web);
                fleet.backup(fleet.db);
                fleet.maintain();
                if (day >= FIRST_SAVED) {
                    fleet.save("day " + day);
                }
            }
            for (long seed = SEED; seed < SEED + SCRIPTS; seed++) {
                script(seed, new Random(seed));
                if (SCRIPTS > 2) {
                    System.out.println("attacks: script " + seed + "; so far retention removed " + fleet.removed
                            + " snapshots, and restic alone would have removed " + lostByRestic + " real ones more");
                }
            }
        }
        assertThat(fleet.removed).as("snapshots that retention removed").isPositive();
        assertThat(lostByRestic)
                .as("real snapshots that restic alone would have removed")
                .isPositive();
    }

    private void script(long seed, Random random) throws Exception {
        fleet.restore("day " + (FIRST_SAVED + random.nextInt(SAVED)));
        takenOver = server.now();
        policy = policy(random);
        fleet.setPolicy(fleet.web, policy);
        fleet.setPolicy(fleet.db, policy);
        least = random.nextBoolean() ? LeastKept.DEFAULT : new LeastKept(1, new PolicyDuration("1d"));
        fleet.setLeastKept(least);
        var repository = fleet.repository;
        real = new HashSet<>(repository.snapshots());
        assertThat(fleet.bound(fleet.web, real).size()
                        + fleet.bound(fleet.db, real).size())
                .isEqualTo(real.size());
        var before = new TreeMap<String, Long>();
        for (var kind : List.of("data", "index", "keys")) {
            before.putAll(repository.files(kind));
        }
        var attacker = new RepositoryAttacker(fleet, random);
        fleet.owed = this::owed;
        fleet.story = "script " + seed + " " + attacker.tricks() + " " + policy;
        int days = 4 + random.nextInt(5);
        for (int day = 0; day < days; day++) {
            var morning = server.now()
                    .atOffset(ZoneOffset.UTC)
                    .toLocalDate()
                    .plusDays(1)
                    .atStartOfDay();
            server.clock().set(morning.toInstant(ZoneOffset.UTC).plusSeconds(random.nextInt(3_000)));
            attacker.step();
            if (server.now().isBefore(fleet.due(fleet.db, server.now()))) {
                real.add(fleet.backup(fleet.db));
            }
            server.clock().advance(Duration.ofMinutes(random.nextInt(200)));
            attacker.step();
            fleet.release();
            fleet.maintain();
            server.clock().advance(Duration.ofMinutes(random.nextInt(200)));
            attacker.step();
        }
        assertThat(repository.snapshots()).as(fleet.story).containsAll(owed());
        lostByRestic += lostByRestic(owed());
        for (var kind : List.of("data", "index", "keys")) {
            repository.files(kind).forEach(before::remove);
        }
        assertThat(before)
                .as("files of the repository that are gone or have another size")
                .isEmpty();
        assertThat(repository.files("config")).hasSize(1);
    }

    private RetentionPolicy policy(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> new RetentionPolicy(0, 0, 3 + random.nextInt(5), 0, 0, 0, Optional.empty());
            case 1 -> new RetentionPolicy(2 + random.nextInt(6), 0, 0, 0, 0, 0, Optional.empty());
            case 2 -> new RetentionPolicy(0, 0, 4, 2, 1, 0, Optional.empty());
            default -> new RetentionPolicy(1, 5, 3, 0, 0, 0, Optional.of("2d"));
        };
    }

    /** Real snapshots that must stay: kept by the policy beside whatever fills the slots since, or first seen lately. */
    private Set<String> owed() throws Exception {
        var owed = new HashSet<String>();
        for (var machine : List.of(fleet.web, fleet.db)) {
            var dated = new ArrayList<>(fleet.bound(machine, real));
            if (machine == fleet.web) {
                dated.addAll(slotsSince());
            }
            owed.addAll(new KeepTiers(policy, ZoneOffset.UTC)
                    .keep(dated, server.now())
                    .keySet());
        }
        owed.addAll(fleet.seenSince(server.now().minus(least.age().duration())));
        owed.retainAll(real);
        return owed;
    }

    /** Each has room for a partial snapshot and a complete one. */
    private List<Dated> slotsSince() {
        var slots = new ArrayList<Dated>();
        for (var due = fleet.due(fleet.web, takenOver); !due.isAfter(server.now()); due = due.plus(DAY)) {
            if (due.isAfter(takenOver)) {
                slots.add(new Dated("partial " + due, due));
                slots.add(new Dated("success " + due, due));
            } else {
                slots.add(new Dated("partial " + due, due));
            }
        }
        return slots;
    }

    /** How many of these restic's own retention would have removed, by the times and hosts that snapshots have. */
    private int lostByRestic(Set<String> owed) throws Exception {
        var lost = new HashSet<>(owed);
        for (var machine : List.of(fleet.web, fleet.db)) {
            lost.removeAll(new KeepTiers(policy, ZoneOffset.UTC)
                    .keep(named(machine), server.now())
                    .keySet());
        }
        return lost.size();
    }

    private List<Dated> named(Machine machine) throws Exception {
        var named = new ArrayList<Dated>();
        for (var id : fleet.repository.snapshots()) {
            var snapshot = fleet.repository.read(id);
            if (snapshot.path("hostname").asText().equals(machine.name())) {
                named.add(new Dated(id, Instant.parse(snapshot.path("time").asText())));
            }
        }
        return named;
    }
}
