package io.resticfleet.faults;

import io.resticfleet.protocol.ToServer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What was lost, doubled or left open, now that everything has healed: what was due by the operator's own plan, what
 * restic really did, and what was acknowledged, each held against the rows of the database.
 */
final class Checker {

    /** What came due so lately may still be on its way. */
    private static final Duration UNDERWAY = Duration.ofHours(2);

    /** One row may stand for many due times that passed, and says so. */
    private static final Pattern STANDS_FOR = Pattern.compile("this stands for (\\d+) due times since (\\S+?)\\)");

    private static final Pattern LATER_TOO = Pattern.compile("so did (\\d+) later times");

    /** What the server says of a due time when the agent is connected and says nothing. */
    private static final String FORGOTTEN = "the agent is connected but has not run it";

    /** As long as a fault and what comes of it may last. */
    private static final Duration LONG_AWAY = Duration.ofDays(4);

    private static final long MOST_BYTES = 8L * 1024 * 1024;

    private final Timeline timeline;
    private final History history;
    private final ServerNode serverNode;
    private final List<SimSchedule> schedules;
    private final List<AgentNode> nodes;
    private final Map<String, JobRow> rows = new HashMap<>();
    private int due;

    /** A schedule's due time. */
    private record Due(String scheduleId, Instant at) {}

    Checker(
            Timeline timeline,
            History history,
            ServerNode serverNode,
            List<SimSchedule> schedules,
            List<AgentNode> nodes) {
        this.timeline = timeline;
        this.history = history;
        this.serverNode = serverNode;
        this.schedules = schedules;
        this.nodes = nodes;
    }

    /** How many due times were looked for. */
    int due() {
        return due;
    }

    void judge() {
        serverNode.with(server -> JobRow.all(server.db()).forEach(row -> rows.put(row.id(), row)));
        nothingDueIsMissing();
        nothingIsDoubled();
        nothingIsForgotten();
        noTryComesTooLate();
        everyJobHasEnded();
        everySnapshotIsKnown();
        everySuccessIsProven();
        nothingAcknowledgedIsAbsent();
        nothingPilesUp();
    }

    private void nothingDueIsMissing() {
        var until = timeline.instant().minus(UNDERWAY);
        for (var schedule : schedules) {
            var wanted = schedule.due(until);
            due += wanted.size();
            var accounted = accounted(schedule, wanted);
            wanted.stream()
                    .filter(at -> !accounted.contains(at))
                    .forEach(at -> history.failed("MISSING " + schedule.scheduleId() + " due " + at));
        }
    }

    private Set<Instant> accounted(SimSchedule schedule, List<Instant> wanted) {
        var accounted = new HashSet<Instant>();
        for (var row : rows.values()) {
            if (row.scheduleId().filter(schedule.scheduleId()::equals).isEmpty()
                    || row.dueAt().isEmpty()) {
                continue;
            }
            var at = row.dueAt().get();
            accounted.add(at);
            if (row.missed()) {
                accounted.addAll(standsFor(row, at, wanted));
                if (row.error().orElse("").isBlank()) {
                    history.failed("UNEXPLAINED " + row);
                }
            }
            if (!schedule.everDue(at)) {
                history.failed("NEVER DUE " + row);
            }
        }
        return accounted;
    }

    private static List<Instant> standsFor(JobRow row, Instant at, List<Instant> wanted) {
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

    /** One run of a due time, and others only after it that are attempts to make up for its failure; one is good at most. */
    private void nothingIsDoubled() {
        noTwoOfOneDue(rows.values().stream().filter(row -> !row.retry()).toList());
        noTwoOfOneDue(rows.values().stream().filter(JobRow::good).toList());
    }

    private void noTwoOfOneDue(List<JobRow> ofThese) {
        var seen = new HashMap<Due, JobRow>();
        for (var row : ofThese) {
            if (row.scheduleId().isPresent() && row.dueAt().isPresent()) {
                var before =
                        seen.put(new Due(row.scheduleId().get(), row.dueAt().get()), row);
                if (before != null && !relived(row)) {
                    history.failed("DOUBLE " + row + " and " + before);
                }
            }
        }
    }

    private boolean relived(JobRow row) {
        return nodes.stream()
                .anyMatch(node -> node.hostId().equals(row.hostId())
                        && node.hasRelived(row.dueAt().orElseThrow()));
    }

    /** An agent that was there at a due time tells of it itself; that the server has to is the last resort. */
    private void nothingIsForgotten() {
        rows.values().stream()
                .filter(row -> row.missed() && row.error().orElse("").contains(FORGOTTEN))
                .filter(row -> !mayForget(row))
                .forEach(row -> history.failed("FORGOTTEN " + row));
    }

    private boolean mayForget(JobRow row) {
        var at = row.dueAt().orElseThrow();
        var node = nodes.stream()
                .filter(one -> one.hostId().equals(row.hostId()))
                .findFirst()
                .orElseThrow();
        boolean changed = schedules.stream()
                .filter(schedule -> row.scheduleId().equals(Optional.of(schedule.scheduleId())))
                .anyMatch(schedule -> schedule.changedWithin(at.minus(LONG_AWAY), at.plus(LONG_AWAY)));
        return changed
                || node.clockWasWrong(at)
                || !serverNode.restored().isEmpty()
                || !node.clones().isEmpty();
    }

    /** Once a newer due time has run, an older one is not tried again. */
    private void noTryComesTooLate() {
        for (var node : nodes) {
            var newest = new HashMap<String, Instant>();
            for (var begun : node.repository().begun()) {
                Optional.ofNullable(rows.get(begun.jobId()))
                        .filter(row ->
                                row.scheduleId().isPresent() && row.dueAt().isPresent())
                        .ifPresent(row -> noTryComesTooLate(node, row, newest));
            }
        }
    }

    private void noTryComesTooLate(AgentNode node, JobRow row, Map<String, Instant> newest) {
        var at = row.dueAt().orElseThrow();
        var before = newest.merge(row.scheduleId().orElseThrow(), at, (one, other) -> one.isAfter(other) ? one : other);
        if (row.retry() && before.isAfter(at) && !node.hasRelived(at) && !node.hasRelived(before)) {
            history.failed("TRIED TOO LATE " + row + " after that of " + before);
        }
    }

    private void everyJobHasEnded() {
        var late = timeline.instant().minus(UNDERWAY);
        rows.values().stream()
                .filter(row ->
                        row.open() && row.dueAt().filter(at -> at.isAfter(late)).isEmpty())
                .forEach(row -> history.failed("STILL OPEN " + row));
    }

    private void everySnapshotIsKnown() {
        for (var node : nodes) {
            var made = new HashMap<String, String>();
            for (var snapshot : node.repository().snapshots()) {
                var before = made.put(snapshot.jobId(), snapshot.id());
                if (before != null) {
                    history.failed("DONE TWICE " + node.name() + " " + snapshot);
                }
                var row = rows.get(snapshot.jobId());
                if (row == null && !givenUp(node, toldAt(snapshot))) {
                    history.failed("UNKNOWN SNAPSHOT " + node.name() + " " + snapshot);
                } else if (row != null
                        && !row.open()
                        && !says(row, snapshot)
                        && !lost(node, snapshot)
                        && !(cloned(row) && (row.good() || saidByAny(snapshot.id())))) {
                    history.failed("DENIED " + node.name() + " " + snapshot + " by " + row);
                }
            }
        }
    }

    /** When the server last said that it knows of it. */
    private Instant toldAt(SimRepository.Made snapshot) {
        return history.acked().stream()
                .filter(acked -> acked.result() instanceof ToServer.JobFinished end
                        && end.jobId().equals(snapshot.jobId()))
                .map(History.Acked::at)
                .max(Comparator.naturalOrder())
                .orElse(snapshot.at());
    }

    /** A clone may have run the same job; each is in a row of its own then, or one's good end stands for both. */
    private boolean cloned(JobRow row) {
        return nodes.stream()
                .anyMatch(node ->
                        node.hostId().equals(row.hostId()) && !node.clones().isEmpty());
    }

    private boolean saidByAny(String snapshotId) {
        return rows.values().stream()
                .anyMatch(row -> row.snapshotId().filter(snapshotId::equals).isPresent());
    }

    private static boolean says(JobRow row, SimRepository.Made snapshot) {
        return row.snapshotId().filter(id -> id.equals(snapshot.id())).isPresent();
    }

    /** Whether what restic printed may be gone, by a power cut, a full disk, or a word that it shall stop. */
    private boolean lost(AgentNode node, SimRepository.Made snapshot) {
        var status = rows.get(snapshot.jobId()).status();
        if (status.equals("cancelled")) {
            return true;
        }
        var began = node.repository().begun().stream()
                .filter(run -> run.jobId().equals(snapshot.jobId()))
                .map(SimRepository.Begun::at)
                .findFirst()
                .orElseThrow();
        return (status.equals("interrupted") || status.equals("failed"))
                && node.losses().stream().anyMatch(at -> !at.isBefore(began.minus(Duration.ofDays(3))));
    }

    private void everySuccessIsProven() {
        var proven = new HashSet<String>();
        withClones()
                .forEach(node -> node.repository().snapshots().forEach(made -> proven.add(made.id() + made.jobId())));
        rows.values().stream()
                .filter(row -> row.backup()
                        && row.status().equals("succeeded")
                        && row.scheduleId().isPresent())
                .filter(row -> !proven.contains(row.snapshotId().orElse("none") + row.id()) && !cloned(row))
                .forEach(row -> history.failed("NO SUCH SNAPSHOT " + row));
    }

    private void nothingAcknowledgedIsAbsent() {
        for (var acked : history.acked()) {
            var result = acked.result();
            boolean there = result instanceof ToServer.JobFinished end
                    ? rowSays(end) || rowOfAnotherSays(end)
                    : !(result instanceof ToServer.JobMissed missed) || known(missed);
            if (!there && !givenUp(node(acked.node()), acked.at())) {
                history.failed("ACKNOWLEDGED AND ABSENT " + result + " at " + acked.at());
            }
        }
    }

    private Stream<AgentNode> withClones() {
        return nodes.stream().flatMap(node -> Stream.concat(Stream.of(node), node.clones().stream()));
    }

    private AgentNode node(String name) {
        return withClones().filter(node -> node.name().equals(name)).findFirst().orElseThrow();
    }

    /** Whether an older database came in place of one that knew of this, and nobody has it any more who could tell again. */
    private boolean givenUp(AgentNode node, Instant at) {
        return serverNode.restored().stream()
                .filter(restored ->
                        !at.isBefore(restored.from().minus(Duration.ofHours(3))) && at.isBefore(restored.at()))
                .anyMatch(restored -> node.destroyed()
                        || node.wasFull(at, restored.at().plus(LONG_AWAY))); // it may take so long to tell again
    }

    /** An agent that lost its memory may tell another end of a job than before; then one of them holds. */
    private boolean rowSays(ToServer.JobFinished end) {
        var row = rows.get(end.jobId());
        return row != null
                && history.acked().stream()
                        .map(History.Acked::result)
                        .filter(ToServer.JobFinished.class::isInstance)
                        .map(ToServer.JobFinished.class::cast)
                        .anyMatch(told -> told.jobId().equals(end.jobId())
                                && told.status().word().equals(row.status()));
    }

    private boolean rowOfAnotherSays(ToServer.JobFinished end) {
        return Optional.ofNullable(rows.get(end.jobId())).filter(this::cloned).isPresent()
                && end.snapshotId().filter(id -> !saidByAny(id)).isEmpty();
    }

    private boolean known(ToServer.JobMissed missed) {
        return rows.values().stream()
                .anyMatch(row ->
                        row.scheduleId().filter(missed.scheduleId()::equals).isPresent()
                                && row.dueAt().filter(missed.dueAt()::equals).isPresent());
    }

    private void nothingPilesUp() {
        var sizes = new ArrayList<String>();
        for (var node : nodes) {
            if (node.disk().bytes() > MOST_BYTES) {
                sizes.add(node.name() + " " + node.disk().bytes());
            }
        }
        if (!sizes.isEmpty()) {
            history.failed("TOO MUCH ON DISK " + sizes);
        }
    }
}
