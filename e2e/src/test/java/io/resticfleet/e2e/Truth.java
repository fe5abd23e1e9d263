package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static io.resticfleet.e2e.Eventually.within;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What is known from outside of the backups of one machine, which has a schedule of every minute: what the server
 * promised and told, what the hooks wrote down, what restic lists, what the clock makes due.
 */
final class Truth {

    private static final Set<String> OPEN = Set.of("queued", "running");
    private static final Duration TO_SETTLE = Duration.ofSeconds(200);

    private final ServerProcess server;
    private final Fleet.Machine machine;
    private final Path notes;
    private final Map<String, Object> plan;
    private final String schedule;
    private final Instant since;

    /** How each job ended by the word of the server; empty for one that it only promised. */
    private final Map<String, String> told = new LinkedHashMap<>();

    private int refused;

    private Truth(
            ServerProcess server,
            Fleet.Machine machine,
            Path notes,
            Map<String, Object> plan,
            String schedule,
            Instant since) {
        this.server = server;
        this.machine = machine;
        this.notes = notes;
        this.plan = plan;
        this.schedule = schedule;
        this.since = since;
    }

    /**
     * Starts the agent of an enrolled machine; returns when it obeys its schedule.
     *
     * @param notes a file for the hooks, on a disk that nothing happens to
     */
    static Truth of(ServerProcess server, Fleet.Machine machine, Path notes) throws Exception {
        var source = Sources.small(Files.createDirectories(machine.place().resolve("files")));
        var line = "echo \"$RESTIC_FLEET_HOOK $RESTIC_FLEET_JOB_ID\" >> '" + notes + "'";
        var plan = new HashMap<String, Object>(Map.of(
                "kind", "backup",
                "name", "minutely",
                "cron", "* * * * *",
                "paths", List.of(source.toString()),
                "hooks", Map.of("pre", line + "; sleep 0.3", "post", line)));
        machine.restic().init();
        machine.agent().allowHooks();
        machine.agent().start();
        server.awaitOnline(machine.host());
        var schedule = server.schedule(machine.host(), plan);
        var truth = new Truth(server, machine, notes, plan, schedule, Instant.now());
        truth.awaitObeyed();
        return truth;
    }

    private void awaitObeyed() throws Exception {
        eventually(() -> {
            var set = server.get("/api/hosts/" + machine.host() + "/schedules");
            assertThat(set.path("applied_version")).isEqualTo(set.path("version"));
        });
    }

    Fleet.Machine machine() {
        return machine;
    }

    /** Asks for a run; a server may say no, but not forget a yes. */
    boolean ask() throws Exception {
        try {
            var answer =
                    server.ask("POST", "/api/hosts/" + machine.host() + "/schedules/" + schedule + "/run", Map.of());
            if (answer.status() == 202) {
                told.putIfAbsent(answer.body().path("job_id").asText(), "");
                return true;
            }
            assertThat(answer.status()).as(answer.text()).isIn(409, 503);
        } catch (IOException e) {
            // cut off in the middle: nothing was promised
        }
        refused++;
        return false;
    }

    /** Notes what the server tells, which it must tell for ever. */
    void look() throws Exception {
        jobs().stream()
                .filter(job -> !OPEN.contains(text(job, "status"))
                        && !text(job, "status").equals("missed"))
                .forEach(job -> told.put(text(job, "id"), ending(job)));
    }

    private static String ending(JsonNode job) {
        return text(job, "status") + " " + text(job, "snapshot_id");
    }

    /** Backups whose hooks said that they began. */
    long begun() throws IOException {
        return lines().stream()
                .filter(line -> line.startsWith("pre "))
                .distinct()
                .count();
    }

    /** Lets it come to rest with nothing due any more; where the witnesses contradict each other then. */
    List<String> settle() throws Exception {
        server.awaitOnline(machine.host());
        var until = Instant.now();
        plan.put("enabled", false);
        var path = "/api/hosts/" + machine.host() + "/schedules/" + schedule;
        eventually(() -> {
            var answer = server.ask("PUT", path, plan);
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        });
        awaitObeyed();
        var wrong = new ArrayList<String>();
        try {
            within(TO_SETTLE, () -> {
                wrong.clear();
                wrong.addAll(contradictions(until));
                assertThat(wrong).isEmpty();
            });
        } catch (AssertionError e) {
            return wrong.isEmpty() ? List.of(String.valueOf(e.getMessage())) : List.copyOf(wrong);
        }
        return List.of();
    }

    private List<String> contradictions(Instant until) throws Exception {
        var found = new ArrayList<String>();
        var jobs = new TreeMap<String, JsonNode>();
        jobs().forEach(job -> jobs.put(text(job, "id"), job));
        var lines = lines();
        var snapshots = machine.restic().snapshots();
        told.forEach((id, ending) -> checkTold(jobs.get(id), id, ending, found));
        lines.stream()
                .map(line -> line.split(" ")[1])
                .filter(id -> !jobs.containsKey(id))
                .forEach(id -> found.add("LOST a run that began is not known: " + id));
        jobs.values().forEach(job -> checkJob(job, lines, snapshots, found));
        checkDue(jobs.values().stream().toList(), until, found);
        checkSnapshots(jobs.values().stream().toList(), snapshots, found);
        return found;
    }

    private static void checkTold(JsonNode job, String id, String ending, List<String> found) {
        if (job == null) {
            found.add("LOST the server told of " + id + " and knows it no more");
        } else if (!ending.isEmpty() && !ending(job).equals(ending)) {
            found.add("LOST the server told '" + ending + "' of " + job);
        }
    }

    private static void checkJob(JsonNode job, List<String> lines, List<JsonNode> snapshots, List<String> found) {
        var id = text(job, "id");
        var status = text(job, "status");
        if (OPEN.contains(status)) {
            found.add("LOST it never ends: " + job);
        }
        for (var hook : List.of("pre", "post")) {
            long times = lines.stream().filter((hook + " " + id)::equals).count();
            if (times > 1) {
                found.add("DOUBLED the " + hook + " hook ran " + times + " times for " + job);
            }
            if (times == 0 && status.equals("succeeded")) {
                found.add("LOST the " + hook + " hook never ran for " + job);
            }
        }
        if (status.equals("succeeded")) {
            long made =
                    snapshots.stream().filter(snapshot -> made(job, snapshot)).count();
            if (made != 1) {
                found.add("LOST restic has " + made + " snapshots for " + job);
            }
        } else if (text(job, "error").isEmpty()) {
            found.add("LOST without a reason: " + job);
        }
    }

    private void checkDue(List<JsonNode> jobs, Instant until, List<String> found) {
        var rows =
                jobs.stream().filter(job -> job.hasNonNull("due_at")).collect(groupingBy(job -> text(job, "due_at")));
        Stream.iterate(
                        since.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES),
                        due -> due.isBefore(until.minusSeconds(1)),
                        due -> due.plus(1, ChronoUnit.MINUTES))
                .filter(due -> !rows.containsKey(due.toString()))
                .forEach(due -> found.add("LOST nothing is told of what was due at " + due));
        rows.forEach((due, same) -> {
            if (same.size() > 1) {
                found.add("DOUBLED " + same.size() + " jobs were due at " + due);
            }
        });
    }

    /** A run that was broken off may have made one all the same; nothing else makes one that no job tells of. */
    private static void checkSnapshots(List<JsonNode> jobs, List<JsonNode> snapshots, List<String> found) {
        long unclaimed = snapshots.stream()
                .filter(snapshot -> jobs.stream().noneMatch(job -> made(job, snapshot)))
                .count();
        long brokenOff = jobs.stream()
                .filter(job -> Set.of("interrupted", "failed").contains(text(job, "status")))
                .count();
        if (unclaimed > brokenOff) {
            found.add("DOUBLED " + unclaimed + " snapshots of no job, with " + brokenOff + " broken off");
        }
    }

    private static boolean made(JsonNode job, JsonNode snapshot) {
        var id = text(job, "snapshot_id");
        return !id.isEmpty() && text(snapshot, "id").startsWith(id);
    }

    private List<JsonNode> jobs() throws Exception {
        return server.all("/api/jobs?kind=backup&host=" + machine.host());
    }

    private List<String> lines() throws IOException {
        return Files.exists(notes) ? Files.readAllLines(notes) : List.of();
    }

    /** Empty where there is none. */
    private static String text(JsonNode node, String field) {
        return node.hasNonNull(field) ? node.path(field).asText() : "";
    }

    /** Figures for people, with the reason of each run that did not succeed. */
    String figures() throws Exception {
        var jobs = jobs();
        var counts = new TreeMap<>(jobs.stream().collect(groupingBy(job -> text(job, "status"), counting())));
        var reasons = new TreeMap<>(jobs.stream()
                .filter(job -> job.hasNonNull("error"))
                .collect(groupingBy(job -> text(job, "status") + ": " + text(job, "error"), counting())));
        return "jobs " + counts + ", promised or told " + told.size() + ", refused " + refused + ", " + reasons;
    }

    long succeeded() throws Exception {
        return jobs().stream()
                .filter(job -> text(job, "status").equals("succeeded"))
                .count();
    }
}
