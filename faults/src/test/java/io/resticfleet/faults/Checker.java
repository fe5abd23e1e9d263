package io.resticfleet.faults;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.EmbeddedServer;
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
 * Finds what was lost, duplicated or left open once everything has healed: compares the rows of the database with what
 * was due by the operator's plan, with what restic really did, and with what was acknowledged.
 */
final class Checker {

    /** Runs due within this period may still be in progress. */
    private static final Duration IN_PROGRESS = Duration.ofHours(2);

    /** One row may stand for many due times; its text gives their number. */
    private static final Pattern STANDS_FOR = Pattern.compile("this stands for (\\d+) due times since (\\S+?)\\)");

    /** The server's reason for a missed run of a connected agent that reported nothing. */
    private static final String NOT_REPORTED = "the agent is connected but has not run it";

    /** Longest time that a fault and its consequences may last. */
    private static final Duration LONGEST_FAULT = Duration.ofDays(4);

    /** But the audit log, which keeps the deletion. */
    private static final String TABLES_OF_HOSTS = """
            SELECT t.name
              FROM sqlite_master t
              JOIN pragma_table_info(t.name) c
             WHERE t.type = 'table'
               AND c.name = 'host_id'
               AND t.name NOT IN ('alerts', 'audit_log', 'deleted_hosts', 'replaced_agents',
                                  'retention_terms', 'retention_distrust') -- decide about snapshots that are still there
            """;

    private static final long MOST_BYTES = 8L * 1024 * 1024;

    private final Timeline timeline;
    private final History history;
    private final ServerNode serverNode;
    private final List<SimSchedule> schedules;
    private final List<AgentNode> nodes;
    private final List<AgentNode> deletedNodes;
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
        this.nodes = nodes.stream().filter(node -> !node.deleted()).toList();
        this.deletedNodes = nodes.stream().filter(AgentNode::deleted).toList();
        this.schedules = schedules.stream()
                .filter(schedule ->
                        deletedNodes.stream().noneMatch(node -> node.hostId().equals(schedule.hostId())))
                .toList();
    }

    /** The number of due times checked. */
    int due() {
        return due;
    }

    void check() {
        serverNode.with(server -> JobRow.all(server.db()).forEach(row -> rows.put(row.id(), row)));
        noDueTimeIsMissing();
        noRunIsDuplicated();
        noRunIsLeftToTheServer();
        noRetryIsTooLate();
        everyJobHasEnded();
        everySnapshotIsKnown();
        everySuccessHasItsSnapshot();
        noAcknowledgedResultIsMissing();
        noDiskFillsUp();
        nothingOfADeletedHostIsLeft();
    }

    /** Of a host that was deleted while its agent went on: no rows, and no connection. */
    private void nothingOfADeletedHostIsLeft() {
        serverNode.with(server -> deletedNodes.forEach(node -> {
            if (server.agents().connected(new HostId(node.hostId()))) {
                history.failed("CONNECTED AFTER ITS DELETION " + node.name());
            }
            server
                    .db()
                    .read(handle -> handle.createQuery(TABLES_OF_HOSTS)
                            .mapTo(String.class)
                            .list())
                    .stream()
                    .filter(table -> rowsOf(server, table, node) > 0)
                    .forEach(table -> history.failed("LEFT OF A DELETED HOST " + node.name() + " in " + table));
        }));
    }

    private static int rowsOf(EmbeddedServer server, String table, AgentNode node) {
        return server.db()
                .read(handle -> handle.createQuery("SELECT count(*) FROM " + table + " WHERE host_id = ?")
                        .bind(0, node.hostId())
                        .mapTo(Integer.class)
                        .one());
    }

    private void noDueTimeIsMissing() {
        var until = timeline.instant().minus(IN_PROGRESS);
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
        if (!stands.find()) {
            return List.of();
        }
        var since = Instant.parse(stands.group(2));
        return wanted.stream()
                .filter(one -> !one.isBefore(since) && one.isBefore(at))
                .toList();
    }

    /** One run per due time, plus retries after its failure; at most one of them succeeds. */
    private void noRunIsDuplicated() {
        requireOnePerDueTime(rows.values().stream().filter(row -> !row.retry()).toList());
        requireOnePerDueTime(rows.values().stream().filter(JobRow::good).toList());
    }

    private void requireOnePerDueTime(List<JobRow> candidates) {
        var seen = new HashMap<Due, JobRow>();
        for (var row : candidates) {
            if (row.scheduleId().isPresent() && row.dueAt().isPresent()) {
                var before =
                        seen.put(new Due(row.scheduleId().get(), row.dueAt().get()), row);
                if (before != null && !isRepeated(row)) {
                    history.failed("DUPLICATE " + row + " and " + before);
                }
            }
        }
    }

    private boolean isRepeated(JobRow row) {
        return nodes.stream()
                .anyMatch(node -> node.hostId().equals(row.hostId())
                        && node.hasRepeated(row.dueAt().orElseThrow()));
    }

    /** An agent that was running at a due time reports it itself; the server's own row is the last resort. */
    private void noRunIsLeftToTheServer() {
        rows.values().stream()
                .filter(row -> row.missed() && row.error().orElse("").contains(NOT_REPORTED))
                .filter(row -> !mayBeUnreported(row))
                .forEach(row -> history.failed("NOT REPORTED " + row));
    }

    private boolean mayBeUnreported(JobRow row) {
        var at = row.dueAt().orElseThrow();
        var node = nodes.stream()
                .filter(one -> one.hostId().equals(row.hostId()))
                .findFirst()
                .orElseThrow();
        boolean changed = schedules.stream()
                .filter(schedule -> row.scheduleId().equals(Optional.of(schedule.scheduleId())))
                .anyMatch(schedule -> schedule.changedWithin(at.minus(LONGEST_FAULT), at.plus(LONGEST_FAULT)));
        return changed
                || node.clockWasWrong(at)
                || !serverNode.restored().isEmpty()
                || !node.clones().isEmpty();
    }

    /** No retry of a due time runs after a newer due time has run. */
    private void noRetryIsTooLate() {
        for (var node : nodes) {
            var newest = new HashMap<String, Instant>();
            for (var start : node.repository().starts()) {
                Optional.ofNullable(rows.get(start.jobId()))
                        .filter(row ->
                                row.scheduleId().isPresent() && row.dueAt().isPresent())
                        .ifPresent(row -> requireNotTooLate(node, row, newest));
            }
        }
    }

    private void requireNotTooLate(AgentNode node, JobRow row, Map<String, Instant> newest) {
        var at = row.dueAt().orElseThrow();
        var before = newest.merge(row.scheduleId().orElseThrow(), at, (one, other) -> one.isAfter(other) ? one : other);
        if (row.retry() && before.isAfter(at) && !node.hasRepeated(at) && !node.hasRepeated(before)) {
            history.failed("RETRIED TOO LATE " + row + " after the run of " + before);
        }
    }

    private void everyJobHasEnded() {
        var late = timeline.instant().minus(IN_PROGRESS);
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
                    history.failed("RUN TWICE " + node.name() + " " + snapshot);
                }
                var row = rows.get(snapshot.jobId());
                if (row == null && !mayBeLost(node, reportedAt(snapshot))) {
                    history.failed("UNKNOWN SNAPSHOT " + node.name() + " " + snapshot);
                } else if (row != null
                        && !row.open()
                        && !names(row, snapshot)
                        && !outputLost(node, snapshot)
                        && !(cloned(row) && (row.good() || namedByAny(snapshot.id())))) {
                    history.failed("SNAPSHOT NOT NAMED " + node.name() + " " + snapshot + " by " + row);
                }
            }
        }
    }

    /** When the server last acknowledged its job's result. */
    private Instant reportedAt(SimRepository.SimSnapshot snapshot) {
        return history.acked().stream()
                .filter(acked -> acked.result() instanceof ToServer.JobFinished end
                        && end.jobId().value().equals(snapshot.jobId()))
                .map(History.Acked::at)
                .max(Comparator.naturalOrder())
                .orElse(snapshot.at());
    }

    /** A clone may have run the same job: each has a row of its own, or one successful row stands for both. */
    private boolean cloned(JobRow row) {
        return nodes.stream()
                .anyMatch(node ->
                        node.hostId().equals(row.hostId()) && !node.clones().isEmpty());
    }

    private boolean namedByAny(String snapshotId) {
        return rows.values().stream()
                .anyMatch(row -> row.snapshotId().filter(snapshotId::equals).isPresent());
    }

    private static boolean names(JobRow row, SimRepository.SimSnapshot snapshot) {
        return row.snapshotId().filter(id -> id.equals(snapshot.id())).isPresent();
    }

    /** Whether restic's output may be lost, by a power cut, a full disk or a cancel. */
    private boolean outputLost(AgentNode node, SimRepository.SimSnapshot snapshot) {
        var status = rows.get(snapshot.jobId()).status();
        if (status.equals("cancelled")) {
            return true;
        }
        var started = node.repository().starts().stream()
                .filter(run -> run.jobId().equals(snapshot.jobId()))
                .map(SimRepository.Start::at)
                .findFirst()
                .orElseThrow();
        return (status.equals("interrupted") || status.equals("failed"))
                && node.losses().stream().anyMatch(at -> !at.isBefore(started.minus(Duration.ofDays(3))));
    }

    private void everySuccessHasItsSnapshot() {
        var existing = new HashSet<String>();
        withClones()
                .forEach(node -> node.repository()
                        .snapshots()
                        .forEach(snapshot -> existing.add(snapshot.id() + snapshot.jobId())));
        rows.values().stream()
                .filter(row -> row.backup()
                        && row.status().equals("succeeded")
                        && row.scheduleId().isPresent())
                .filter(row -> !existing.contains(row.snapshotId().orElse("none") + row.id()) && !cloned(row))
                .forEach(row -> history.failed("NO SUCH SNAPSHOT " + row));
    }

    private void noAcknowledgedResultIsMissing() {
        for (var acked : history.acked()) {
            if (deletedNodes.stream().anyMatch(node -> node.isOrHasClone(acked.node()))) {
                continue;
            }
            var result = acked.result();
            boolean present = result instanceof ToServer.JobFinished end
                    ? rowMatches(end) || cloneRowMatches(end)
                    : !(result instanceof ToServer.JobMissed missed) || known(missed);
            if (!present && !mayBeLost(node(acked.node()), acked.at())) {
                history.failed("ACKNOWLEDGED AND MISSING " + result + " at " + acked.at());
            }
        }
    }

    private Stream<AgentNode> withClones() {
        return nodes.stream().flatMap(node -> Stream.concat(Stream.of(node), node.clones().stream()));
    }

    private AgentNode node(String name) {
        return withClones().filter(node -> node.name().equals(name)).findFirst().orElseThrow();
    }

    /** Whether a restored database did not have it, and no agent that still had it could send it again. */
    private boolean mayBeLost(AgentNode node, Instant at) {
        return serverNode.restored().stream()
                .filter(restored ->
                        !at.isBefore(restored.from().minus(Duration.ofHours(3))) && at.isBefore(restored.at()))
                .anyMatch(restored -> node.destroyed()
                        || node.wasFull(at, restored.at().plus(LONGEST_FAULT))); // it may take that long to send again
    }

    /** An agent that lost its state may report another end of a job than before; then the row has one of them. */
    private boolean rowMatches(ToServer.JobFinished end) {
        var row = rows.get(end.jobId().value());
        return row != null
                && history.acked().stream()
                        .map(History.Acked::result)
                        .filter(ToServer.JobFinished.class::isInstance)
                        .map(ToServer.JobFinished.class::cast)
                        .anyMatch(other -> other.jobId().equals(end.jobId())
                                && other.status().word().equals(row.status()));
    }

    private boolean cloneRowMatches(ToServer.JobFinished end) {
        return Optional.ofNullable(rows.get(end.jobId().value()))
                        .filter(this::cloned)
                        .isPresent()
                && end.snapshotId().filter(id -> !namedByAny(id)).isEmpty();
    }

    private boolean known(ToServer.JobMissed missed) {
        return rows.values().stream()
                .anyMatch(row -> row.scheduleId()
                                .filter(missed.scheduleId().value()::equals)
                                .isPresent()
                        && row.dueAt().filter(missed.dueAt()::equals).isPresent());
    }

    private void noDiskFillsUp() {
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
