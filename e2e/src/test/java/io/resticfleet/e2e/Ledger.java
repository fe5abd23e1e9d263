package io.resticfleet.e2e;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One machine's backups, told by four who do not know of each other: the clock, the hooks, restic and the server.
 *
 * @param jobs the backups the server shows, none of them open
 * @param lines what the hooks wrote down
 * @param snapshots what restic lists
 */
record Ledger(List<JsonNode> jobs, List<Witness.Line> lines, List<JsonNode> snapshots) {

    /**
     * When a schedule of every minute was in force for certain.
     *
     * @param after exclusive
     * @param until inclusive
     */
    record Minutely(String schedule, Instant after, Instant until) {
        Stream<Instant> due() {
            return Stream.iterate(
                    after.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES),
                    due -> !due.isAfter(until),
                    due -> due.plus(1, ChronoUnit.MINUTES));
        }
    }

    static Ledger read(ServerProcess server, Fleet.Machine machine, Witness witness) throws Exception {
        return new Ledger(
                server.all("/api/jobs?kind=backup&host=" + machine.host()),
                witness.lines(),
                machine.restic().snapshots());
    }

    /** Where they contradict each other, in words; empty if nothing was lost and nothing done twice. */
    List<String> disagreements(List<Minutely> schedules, Set<String> asked) {
        var found = new ArrayList<String>();
        schedules.forEach(schedule -> checkDue(schedule, found));
        checkDoubled(found);
        jobs.forEach(job -> checkJob(job, found));
        var ids = new HashSet<String>();
        jobs.forEach(job -> ids.add(text(job, "id")));
        Stream.concat(lines.stream().map(Witness.Line::job), asked.stream())
                .distinct()
                .filter(id -> !ids.contains(id))
                .forEach(id -> found.add("LOST the server does not know job " + id));
        snapshots.forEach(snapshot -> checkSnapshot(snapshot, found));
        return found;
    }

    private void checkDue(Minutely schedule, List<String> found) {
        var told = jobs.stream()
                .filter(job -> text(job, "schedule_id").equals(schedule.schedule()))
                .map(job -> text(job, "due_at"))
                .toList();
        schedule.due()
                .filter(due -> !told.contains(due.toString()))
                .forEach(due -> found.add("LOST nothing is told of " + schedule.schedule() + " due at " + due));
    }

    private void checkDoubled(List<String> found) {
        jobs.stream()
                .filter(job -> job.hasNonNull("due_at"))
                .collect(groupingBy(job -> text(job, "schedule_id") + " due at " + text(job, "due_at"), counting()))
                .forEach((due, count) -> {
                    if (count > 1) {
                        found.add("DOUBLED " + count + " jobs of " + due);
                    }
                });
    }

    private void checkJob(JsonNode job, List<String> found) {
        var status = text(job, "status");
        if (status.equals("missed")) {
            if (text(job, "error").isEmpty()) {
                found.add("LOST without a reason: " + job);
            }
            expect(job, "pre", 0, found);
            return;
        }
        if (!status.equals("succeeded")) {
            found.add("SPOILT although restic outlives its agent: " + job);
        }
        expect(job, "pre", 1, found);
        expect(job, "post", 1, found);
        var made = snapshots.stream().filter(snapshot -> names(job, snapshot)).toList();
        if (made.size() != 1) {
            found.add("LOST restic has " + made.size() + " snapshots for " + job);
        } else if (!made.get(0).path("tags").toString().contains("\"schedule:" + text(job, "schedule_id") + "\"")) {
            found.add("MISTAKEN the snapshot is of another schedule than " + job);
        }
    }

    private void expect(JsonNode job, String hook, int times, List<String> found) {
        long count = lines.stream()
                .filter(line -> line.equals(new Witness.Line(hook, text(job, "id"))))
                .count();
        if (count != times) {
            found.add(
                    (count > times ? "DOUBLED" : "LOST") + " the " + hook + " hook ran " + count + " times for " + job);
        }
    }

    private void checkSnapshot(JsonNode snapshot, List<String> found) {
        long count = jobs.stream().filter(job -> names(job, snapshot)).count();
        if (count != 1) {
            found.add((count > 1 ? "LOST " : "DOUBLED ") + count + " jobs made " + snapshot);
        }
    }

    private static boolean names(JsonNode job, JsonNode snapshot) {
        var id = text(job, "snapshot_id");
        return !id.isEmpty() && text(snapshot, "id").startsWith(id);
    }

    /** Empty where there is none. */
    private static String text(JsonNode node, String field) {
        return node.hasNonNull(field) ? node.path(field).asText() : "";
    }

    /** How many jobs there are of each status. */
    Map<String, Long> counts() {
        return jobs.stream().collect(groupingBy(job -> text(job, "status"), counting()));
    }
}
