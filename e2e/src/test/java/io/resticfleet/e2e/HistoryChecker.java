package io.resticfleet.e2e;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Checks a machine's backups against four independent sources: the clock, the hooks, restic and the server.
 *
 * @param jobs the backups shown by the server
 * @param lines written by the hooks
 * @param snapshots listed by restic
 */
record HistoryChecker(List<JsonNode> jobs, List<HookLog.Line> lines, List<JsonNode> snapshots) {

    private static final Set<String> OPEN = Set.of("queued", "running");
    private static final Set<String> FAILED = Set.of("failed", "interrupted");

    /** Which results of runs are allowed. */
    enum Allowed {
        /** Only success: restic and its disks are not disturbed, and restic outlives its agent. */
        SUCCESS,
        /**
         * Also interruption, as agents are killed: a program whose start is recorded on disk but not confirmed may or
         * may not have started, and is not started again.
         */
        INTERRUPTION,
        /** Also failure, which may leave a snapshot that nobody reported. */
        FAILURE
    }

    /**
     * The time in which a schedule was in force.
     *
     * @param from earliest possible start
     * @param surelyFrom latest possible start
     * @param surelyUntil earliest possible end
     * @param until latest possible end
     */
    record ScheduleSpan(
            String schedule,
            Recurrence recurrence,
            Instant from,
            Instant surelyFrom,
            Instant surelyUntil,
            Instant until) {}

    static HistoryChecker read(ServerProcess server, Fleet.Machine machine, HookLog hookLog) throws Exception {
        return new HistoryChecker(
                server.all("/api/jobs?kind=backup&host=" + machine.host()),
                hookLog.lines(),
                machine.restic().snapshots());
    }

    /**
     * Results of finished jobs by id, as shown now; without missed ones, which a machine's later report may replace.
     */
    Map<String, String> results() {
        var results = new HashMap<String, String>();
        jobs.stream()
                .filter(job -> !OPEN.contains(text(job, "status"))
                        && !text(job, "status").equals("missed"))
                .forEach(job -> results.put(text(job, "id"), result(job)));
        return results;
    }

    /**
     * Contradictions between the sources; empty if nothing was lost or duplicated.
     *
     * @param reported results that the server showed before, by job id; empty text for a job that it only accepted
     */
    List<String> violations(List<ScheduleSpan> spans, Map<String, String> reported, Allowed allowed) {
        var found = new ArrayList<String>();
        spans.forEach(span -> checkDue(span, found));
        rowsByDueTime().forEach((due, rows) -> checkOnce(due, rows, found));
        jobs.forEach(job -> checkJob(job, allowed, found));
        checkKnown(reported, found);
        checkSnapshots(allowed, found);
        return found;
    }

    private void checkDue(ScheduleSpan span, List<String> found) {
        var rows = jobs.stream()
                .filter(job -> text(job, "schedule_id").equals(span.schedule()))
                .map(job -> text(job, "due_at"))
                .filter(due -> !due.isEmpty())
                .toList();
        span.recurrence()
                .due(span.surelyFrom(), span.surelyUntil())
                .filter(due -> !rows.contains(due.toString()))
                .forEach(due -> found.add("LOST no report of " + span.schedule() + " due at " + due));
        var possible = span.recurrence()
                .due(span.from(), span.until())
                .map(Instant::toString)
                .toList();
        rows.stream()
                .filter(due -> !possible.contains(due))
                .forEach(due -> found.add("WRONG " + span.schedule() + " was not due at " + due));
    }

    private Map<String, List<JsonNode>> rowsByDueTime() {
        return jobs.stream()
                .filter(job -> job.hasNonNull("due_at"))
                .collect(groupingBy(
                        job -> text(job, "schedule_id") + " due at " + text(job, "due_at"), TreeMap::new, toList()));
    }

    /** One run or missed row per due time, and at most one retry per failure without a snapshot. */
    private static void checkOnce(String due, List<JsonNode> rows, List<String> found) {
        long retries = rows.stream().filter(HistoryChecker::isRetry).count();
        long first = rows.size() - retries;
        if (first != 1) {
            found.add((first > 1 ? "DUPLICATE " : "LOST ") + first + " jobs of " + due);
        }
        long failures = rows.stream()
                .filter(row -> FAILED.contains(text(row, "status"))
                        && text(row, "snapshot_id").isEmpty())
                .count();
        if (retries > failures) {
            found.add("DUPLICATE " + retries + " retries after " + failures + " failures without a snapshot: " + due);
        }
    }

    private static boolean isRetry(JsonNode job) {
        return text(job, "trigger").equals("retry");
    }

    private void checkJob(JsonNode job, Allowed allowed, List<String> found) {
        switch (text(job, "status")) {
            case "queued", "running" -> found.add("LOST never ends: " + job);
            case "succeeded" -> checkSuccess(job, found);
            case "missed" -> {
                checkReason(job, found);
                expect(job, "pre", 0, found);
            }
            default -> {
                checkReason(job, found);
                expectAtMostOnce(job, "pre", found);
                expectAtMostOnce(job, "post", found);
                if (!isAllowed(text(job, "status"), allowed)) {
                    found.add("UNEXPECTED result: " + job);
                }
            }
        }
        checkNotEarly(job, found);
    }

    private static boolean isAllowed(String status, Allowed allowed) {
        return switch (allowed) {
            case SUCCESS -> false;
            case INTERRUPTION -> status.equals("interrupted");
            case FAILURE -> true;
        };
    }

    private void checkSuccess(JsonNode job, List<String> found) {
        expect(job, "pre", 1, found);
        expect(job, "post", 1, found);
        var made = snapshots.stream().filter(snapshot -> made(job, snapshot)).toList();
        if (made.size() != 1) {
            found.add("LOST restic has " + made.size() + " snapshots for " + job);
        } else if (!of(made.get(0), text(job, "schedule_id"))) {
            found.add("WRONG the snapshot is of another schedule than " + job);
        }
    }

    private static void checkReason(JsonNode job, List<String> found) {
        if (text(job, "error").isEmpty()) {
            found.add("LOST no reason: " + job);
        }
    }

    private void checkNotEarly(JsonNode job, List<String> found) {
        if (!job.hasNonNull("due_at")) {
            return;
        }
        var due = Instant.parse(text(job, "due_at"));
        lines.stream()
                .filter(line -> line.job().equals(text(job, "id")) && line.at().isBefore(due))
                .forEach(
                        line -> found.add("WRONG its " + line.hook() + " hook ran early at " + line.at() + ": " + job));
    }

    private void expect(JsonNode job, String hook, int times, List<String> found) {
        long count = ran(job, hook);
        if (count != times) {
            found.add((count > times ? "DUPLICATE" : "LOST") + " the " + hook + " hook ran " + count + " times for "
                    + job);
        }
    }

    private void expectAtMostOnce(JsonNode job, String hook, List<String> found) {
        expect(job, hook, ran(job, hook) == 0 ? 0 : 1, found);
    }

    private long ran(JsonNode job, String hook) {
        return lines.stream()
                .filter(line -> line.hook().equals(hook) && line.job().equals(text(job, "id")))
                .count();
    }

    private void checkKnown(Map<String, String> reported, List<String> found) {
        var byId = new HashMap<String, JsonNode>();
        jobs.forEach(job -> byId.put(text(job, "id"), job));
        Stream.concat(lines.stream().map(HookLog.Line::job), reported.keySet().stream())
                .distinct()
                .filter(id -> !byId.containsKey(id))
                .forEach(id -> found.add("LOST the server does not know job " + id));
        reported.forEach((id, result) -> {
            if (byId.containsKey(id)
                    && !result.isEmpty()
                    && !result(byId.get(id)).equals(result)) {
                found.add("LOST the server reported '" + result + "' before for " + byId.get(id));
            }
        });
    }

    private void checkSnapshots(Allowed allowed, List<String> found) {
        for (var snapshot : snapshots) {
            long claims = jobs.stream().filter(job -> made(job, snapshot)).count();
            if (claims > 1 || claims == 0 && allowed == Allowed.SUCCESS) {
                found.add((claims > 1 ? "LOST " : "DUPLICATE ") + claims + " jobs made " + snapshot);
            }
        }
        jobs.stream().map(job -> text(job, "schedule_id")).distinct().forEach(schedule -> {
            long unclaimed = snapshots.stream()
                    .filter(snapshot -> of(snapshot, schedule) && jobs.stream().noneMatch(job -> made(job, snapshot)))
                    .count();
            long failures = jobs.stream()
                    .filter(job -> text(job, "schedule_id").equals(schedule)
                            && FAILED.contains(text(job, "status"))
                            && text(job, "snapshot_id").isEmpty())
                    .count();
            if (unclaimed > failures) {
                found.add(
                        "DUPLICATE " + unclaimed + " snapshots of no job, with " + failures + " failures: " + schedule);
            }
        });
    }

    private static boolean of(JsonNode snapshot, String schedule) {
        return snapshot.path("tags").toString().contains("\"schedule:" + schedule + "\"");
    }

    private static boolean made(JsonNode job, JsonNode snapshot) {
        var id = text(job, "snapshot_id");
        return !id.isEmpty() && text(snapshot, "id").startsWith(id);
    }

    private static String result(JsonNode job) {
        return text(job, "status") + " " + text(job, "snapshot_id");
    }

    /** A field's text; empty if it is absent. */
    private static String text(JsonNode node, String field) {
        return node.hasNonNull(field) ? node.path(field).asText() : "";
    }

    /** The number of jobs by status, and of retries among them. */
    Map<String, Long> counts() {
        var counts = jobs.stream().collect(groupingBy(job -> text(job, "status"), TreeMap::new, counting()));
        counts.put("retries", jobs.stream().filter(HistoryChecker::isRetry).count());
        return counts;
    }

    /** Reasons of jobs that did not succeed, and their number. */
    Map<String, Long> reasons() {
        return jobs.stream()
                .filter(job -> job.hasNonNull("error"))
                .collect(groupingBy(job -> text(job, "status") + ": " + text(job, "error"), TreeMap::new, counting()));
    }
}
