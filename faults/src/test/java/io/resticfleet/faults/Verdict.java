package io.resticfleet.faults;

import io.resticfleet.protocol.ToServer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What was lost, doubled or left open, now that everything has healed: what was due by the operator's own plan, what
 * restic really did, and what was acknowledged, each held against the rows of the database.
 */
final class Verdict {

    /** What came due so lately may still be on its way. */
    private static final Duration UNDERWAY = Duration.ofHours(2);

    /** One row may stand for many due times that passed, and says so. */
    private static final Pattern STANDS_FOR = Pattern.compile("this stands for (\\d+) due times since (\\S+?)\\)");

    private static final Pattern LATER_TOO = Pattern.compile("so did (\\d+) later times");

    private static final long MOST_BYTES = 8L * 1024 * 1024;

    private final Timeline timeline;
    private final Witness witness;
    private final Headquarters headquarters;
    private final List<Plan> plans;
    private final List<Machine> machines;
    private final Map<String, Row> rows = new HashMap<>();
    private int due;

    /** A schedule's due time. */
    private record Due(String scheduleId, Instant at) {}

    Verdict(Timeline timeline, Witness witness, Headquarters headquarters, List<Plan> plans, List<Machine> machines) {
        this.timeline = timeline;
        this.witness = witness;
        this.headquarters = headquarters;
        this.plans = plans;
        this.machines = machines;
    }

    /** How many due times were looked for. */
    int due() {
        return due;
    }

    void judge() {
        headquarters.with(server -> Row.all(server.db()).forEach(row -> rows.put(row.id(), row)));
        nothingDueIsMissing();
        nothingIsDoubled();
        everyJobHasEnded();
        everySnapshotIsKnown();
        everySuccessIsProven();
        nothingAcknowledgedIsAbsent();
        nothingPilesUp();
    }

    private void nothingDueIsMissing() {
        var until = timeline.instant().minus(UNDERWAY);
        for (var plan : plans) {
            var wanted = plan.due(until);
            due += wanted.size();
            var accounted = accounted(plan, wanted);
            wanted.stream()
                    .filter(at -> !accounted.contains(at))
                    .forEach(at -> witness.failed("MISSING " + plan.scheduleId() + " due " + at));
        }
    }

    private Set<Instant> accounted(Plan plan, List<Instant> wanted) {
        var accounted = new HashSet<Instant>();
        for (var row : rows.values()) {
            if (row.scheduleId().filter(plan.scheduleId()::equals).isEmpty()
                    || row.dueAt().isEmpty()) {
                continue;
            }
            var at = row.dueAt().get();
            accounted.add(at);
            if (row.missed()) {
                accounted.addAll(standsFor(row, at, wanted));
                if (row.error().orElse("").isBlank()) {
                    witness.failed("UNEXPLAINED " + row);
                }
            }
            if (!plan.everDue(at)) {
                witness.failed("NEVER DUE " + row);
            }
        }
        return accounted;
    }

    private static List<Instant> standsFor(Row row, Instant at, List<Instant> wanted) {
        var stands = STANDS_FOR.matcher(row.error().orElse(""));
        if (stands.find()) {
            var since = Instant.parse(stands.group(2));
            return wanted.stream()
                    .filter(one -> !one.isBefore(since) && one.isBefore(at))
                    .toList();
        }
        var later = LATER_TOO.matcher(row.error().orElse(""));
        if (later.find()) {
            return wanted.stream()
                    .filter(one -> one.isAfter(at))
                    .limit(Long.parseLong(later.group(1)))
                    .toList();
        }
        return List.of();
    }

    private void nothingIsDoubled() {
        var seen = new HashMap<Due, Row>();
        for (var row : rows.values()) {
            if (row.scheduleId().isPresent() && row.dueAt().isPresent()) {
                var before =
                        seen.put(new Due(row.scheduleId().get(), row.dueAt().get()), row);
                if (before != null) {
                    witness.failed("DOUBLE " + row + " and " + before);
                }
            }
        }
    }

    private void everyJobHasEnded() {
        var late = timeline.instant().minus(UNDERWAY);
        rows.values().stream()
                .filter(row ->
                        row.open() && row.dueAt().filter(at -> at.isAfter(late)).isEmpty())
                .forEach(row -> witness.failed("STILL OPEN " + row));
    }

    private void everySnapshotIsKnown() {
        for (var machine : machines) {
            var made = new HashMap<String, String>();
            for (var snapshot : machine.repository().snapshots()) {
                var before = made.put(snapshot.jobId(), snapshot.id());
                if (before != null) {
                    witness.failed("DONE TWICE " + machine.name() + " " + snapshot);
                }
                var row = rows.get(snapshot.jobId());
                if (row == null) {
                    witness.failed("UNKNOWN SNAPSHOT " + machine.name() + " " + snapshot);
                } else if (!row.open() && !says(row, snapshot) && !lost(machine, snapshot)) {
                    witness.failed("DENIED " + machine.name() + " " + snapshot + " by " + row);
                }
            }
        }
    }

    private static boolean says(Row row, Repository.Made snapshot) {
        return row.snapshotId().filter(id -> id.equals(snapshot.id())).isPresent();
    }

    /** Whether what restic printed may be gone, by a power cut, a full disk, or a word that it shall stop. */
    private boolean lost(Machine machine, Repository.Made snapshot) {
        var status = rows.get(snapshot.jobId()).status();
        if (status.equals("cancelled")) {
            return true;
        }
        var began = machine.repository().begun().stream()
                .filter(run -> run.jobId().equals(snapshot.jobId()))
                .map(Repository.Begun::at)
                .findFirst()
                .orElseThrow();
        return (status.equals("interrupted") || status.equals("failed"))
                && machine.losses().stream().anyMatch(at -> !at.isBefore(began.minus(Duration.ofDays(3))));
    }

    private void everySuccessIsProven() {
        var proven = new HashSet<String>();
        machines.forEach(
                machine -> machine.repository().snapshots().forEach(made -> proven.add(made.id() + made.jobId())));
        rows.values().stream()
                .filter(row ->
                        row.status().equals("succeeded") && row.scheduleId().isPresent())
                .filter(row -> !proven.contains(row.snapshotId().orElse("none") + row.id()))
                .forEach(row -> witness.failed("NO SUCH SNAPSHOT " + row));
    }

    private void nothingAcknowledgedIsAbsent() {
        for (var result : witness.acked()) {
            if (result instanceof ToServer.JobFinished end && !rowSays(end)) {
                witness.failed("ACKNOWLEDGED AND ABSENT " + end + " but " + rows.get(end.jobId()));
            } else if (result instanceof ToServer.JobMissed missed && !known(missed)) {
                witness.failed("ACKNOWLEDGED AND ABSENT " + missed);
            }
        }
    }

    private boolean rowSays(ToServer.JobFinished end) {
        var row = rows.get(end.jobId());
        return row != null && row.status().equals(end.status().word());
    }

    private boolean known(ToServer.JobMissed missed) {
        return rows.values().stream()
                .anyMatch(row ->
                        row.scheduleId().filter(missed.scheduleId()::equals).isPresent()
                                && row.dueAt().filter(missed.dueAt()::equals).isPresent());
    }

    private void nothingPilesUp() {
        var sizes = new ArrayList<String>();
        for (var machine : machines) {
            if (machine.disk().bytes() > MOST_BYTES) {
                sizes.add(machine.name() + " " + machine.disk().bytes());
            }
        }
        if (!sizes.isEmpty()) {
            witness.failed("TOO MUCH ON DISK " + sizes);
        }
    }
}
