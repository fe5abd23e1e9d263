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
 * One machine's backups, told by four who do not know of each other: the clock, the hooks, restic and the server.
 *
 * @param jobs the backups the server shows
 * @param lines what the hooks wrote down
 * @param snapshots what restic lists
 */
record HistoryChecker(List<JsonNode> jobs, List<HookLog.Line> lines, List<JsonNode> snapshots) {

    private static final Set<String> OPEN = Set.of("queued", "running");
    private static final Set<String> BROKEN_OFF = Set.of("failed", "interrupted");

    /** How the runs of a machine may end. */
    enum Ends {
        /** Nothing befalls restic or its disks, and it outlives its agent: every run succeeds. */
        WELL,
        /**
         * As before, but its agent is killed: what it was just starting, between the mark on the disk that it does and the
         * program's first word, may have begun or not, and is not begun again.
         */
        INTERRUPTED_WHILE_STARTING,
        /** A run may be broken off, and leave a snapshot that nobody came to tell of. */
        BROKEN_OFF_TOO
    }

    /**
     * A schedule, and when it was in force.
     *
     * @param from from when it may have been
     * @param surelyFrom from when it was
     * @param surelyUntil until when it was
     * @param until until when it may have been
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

    /** How jobs ended, by id, as the server tells now; missed ones are not told of for ever, since a machine may know better. */
    Map<String, String> told() {
        var told = new HashMap<String, String>();
        jobs.stream()
                .filter(job -> !OPEN.contains(text(job, "status"))
                        && !text(job, "status").equals("missed"))
                .forEach(job -> told.put(text(job, "id"), ending(job)));
        return told;
    }

    /**
     * Where they contradict each other, in words; empty if nothing was lost and nothing done twice.
     *
     * @param told what the server had told before, by job: how it ended, or nothing if only that it would be
     */
    List<String> disagreements(List<ScheduleSpan> spans, Map<String, String> told, Ends ends) {
        var found = new ArrayList<String>();
        spans.forEach(span -> checkDue(span, found));
        rowsByDueTime().forEach((due, rows) -> checkOnce(due, rows, found));
        jobs.forEach(job -> checkJob(job, ends, found));
        checkKnown(told, found);
        checkSnapshots(ends, found);
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
                .forEach(due -> found.add("LOST nothing is told of " + span.schedule() + " due at " + due));
        var possible = span.recurrence()
                .due(span.from(), span.until())
                .map(Instant::toString)
                .toList();
        rows.stream()
                .filter(due -> !possible.contains(due))
                .forEach(due -> found.add("MISTAKEN " + span.schedule() + " was not due at " + due));
    }

    private Map<String, List<JsonNode>> rowsByDueTime() {
        return jobs.stream()
                .filter(job -> job.hasNonNull("due_at"))
                .collect(groupingBy(
                        job -> text(job, "schedule_id") + " due at " + text(job, "due_at"), TreeMap::new, toList()));
    }

    /** One run or missed row of each due time, and another try only for each that was broken off without a snapshot. */
    private static void checkOnce(String due, List<JsonNode> rows, List<String> found) {
        long tries = rows.stream().filter(HistoryChecker::isRetry).count();
        long first = rows.size() - tries;
        if (first != 1) {
            found.add((first > 1 ? "DOUBLED " : "LOST ") + first + " jobs of " + due);
        }
        long inVain = rows.stream()
                .filter(row -> BROKEN_OFF.contains(text(row, "status"))
                        && text(row, "snapshot_id").isEmpty())
                .count();
        if (tries > inVain) {
            found.add("DOUBLED tried again " + tries + " times, after " + inVain + " that made no snapshot: " + due);
        }
    }

    private static boolean isRetry(JsonNode job) {
        return text(job, "trigger").equals("retry");
    }

    private void checkJob(JsonNode job, Ends ends, List<String> found) {
        switch (text(job, "status")) {
            case "queued", "running" -> found.add("LOST it never ends: " + job);
            case "succeeded" -> checkSuccess(job, found);
            case "missed" -> {
                checkReason(job, found);
                expect(job, "pre", 0, found);
            }
            default -> {
                checkReason(job, found);
                expectAtMostOnce(job, "pre", found);
                expectAtMostOnce(job, "post", found);
                if (!mayEnd(text(job, "status"), ends)) {
                    found.add("SPOILT although restic outlives its agent: " + job);
                }
            }
        }
        checkNotEarly(job, found);
    }

    private static boolean mayEnd(String status, Ends ends) {
        return switch (ends) {
            case WELL -> false;
            case INTERRUPTED_WHILE_STARTING -> status.equals("interrupted");
            case BROKEN_OFF_TOO -> true;
        };
    }

    private void checkSuccess(JsonNode job, List<String> found) {
        expect(job, "pre", 1, found);
        expect(job, "post", 1, found);
        var made = snapshots.stream().filter(snapshot -> made(job, snapshot)).toList();
        if (made.size() != 1) {
            found.add("LOST restic has " + made.size() + " snapshots for " + job);
        } else if (!of(made.get(0), text(job, "schedule_id"))) {
            found.add("MISTAKEN the snapshot is of another schedule than " + job);
        }
    }

    private static void checkReason(JsonNode job, List<String> found) {
        if (text(job, "error").isEmpty()) {
            found.add("LOST without a reason: " + job);
        }
    }

    private void checkNotEarly(JsonNode job, List<String> found) {
        if (!job.hasNonNull("due_at")) {
            return;
        }
        var due = Instant.parse(text(job, "due_at"));
        lines.stream()
                .filter(line -> line.job().equals(text(job, "id")) && line.at().isBefore(due))
                .forEach(line -> found.add("MISTAKEN its " + line.hook() + " hook ran at " + line.at() + ": " + job));
    }

    private void expect(JsonNode job, String hook, int times, List<String> found) {
        long count = ran(job, hook);
        if (count != times) {
            found.add(
                    (count > times ? "DOUBLED" : "LOST") + " the " + hook + " hook ran " + count + " times for " + job);
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

    private void checkKnown(Map<String, String> told, List<String> found) {
        var byId = new HashMap<String, JsonNode>();
        jobs.forEach(job -> byId.put(text(job, "id"), job));
        Stream.concat(lines.stream().map(HookLog.Line::job), told.keySet().stream())
                .distinct()
                .filter(id -> !byId.containsKey(id))
                .forEach(id -> found.add("LOST the server does not know job " + id));
        told.forEach((id, ending) -> {
            if (byId.containsKey(id)
                    && !ending.isEmpty()
                    && !ending(byId.get(id)).equals(ending)) {
                found.add("LOST the server told '" + ending + "' of " + byId.get(id));
            }
        });
    }

    private void checkSnapshots(Ends ends, List<String> found) {
        for (var snapshot : snapshots) {
            long claims = jobs.stream().filter(job -> made(job, snapshot)).count();
            if (claims > 1 || claims == 0 && ends == Ends.WELL) {
                found.add((claims > 1 ? "LOST " : "DOUBLED ") + claims + " jobs made " + snapshot);
            }
        }
        jobs.stream().map(job -> text(job, "schedule_id")).distinct().forEach(schedule -> {
            long unclaimed = snapshots.stream()
                    .filter(snapshot -> of(snapshot, schedule) && jobs.stream().noneMatch(job -> made(job, snapshot)))
                    .count();
            long silent = jobs.stream()
                    .filter(job -> text(job, "schedule_id").equals(schedule)
                            && BROKEN_OFF.contains(text(job, "status"))
                            && text(job, "snapshot_id").isEmpty())
                    .count();
            if (unclaimed > silent) {
                found.add("DOUBLED " + unclaimed + " snapshots of no job, with " + silent + " broken off: " + schedule);
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

    private static String ending(JsonNode job) {
        return text(job, "status") + " " + text(job, "snapshot_id");
    }

    /** Empty where there is none. */
    private static String text(JsonNode node, String field) {
        return node.hasNonNull(field) ? node.path(field).asText() : "";
    }

    /** How many jobs there are of each status, and how many of all were tries again. */
    Map<String, Long> counts() {
        var counts = jobs.stream().collect(groupingBy(job -> text(job, "status"), TreeMap::new, counting()));
        counts.put("retries", jobs.stream().filter(HistoryChecker::isRetry).count());
        return counts;
    }

    /** Why jobs did not succeed, and how often. */
    Map<String, Long> reasons() {
        return jobs.stream()
                .filter(job -> job.hasNonNull("error"))
                .collect(groupingBy(job -> text(job, "status") + ": " + text(job, "error"), TreeMap::new, counting()));
    }
}
