package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static io.resticfleet.e2e.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A machine whose every backup is observed from outside: what the server accepted and reported is kept here, and
 * checked in the end by a {@link HistoryChecker}.
 */
final class ObservedMachine {

    private static final Duration TO_SETTLE = Duration.ofSeconds(200);

    private final ServerProcess server;
    private final Fleet.Machine machine;
    private final HookLog hookLog;
    private final HistoryChecker.Allowed allowed;
    private final Map<String, Observed> schedules = new TreeMap<>();

    /** The result of each job as reported by the server; empty for a job that it only accepted. */
    private final Map<String, String> reported = new HashMap<>();

    private int refused;

    /**
     * A schedule.
     *
     * @param from before it was created
     * @param applied after the machine acknowledged it
     */
    private record Observed(Map<String, Object> schedule, Recurrence recurrence, Instant from, Instant applied) {}

    private ObservedMachine(
            ServerProcess server, Fleet.Machine machine, HookLog hookLog, HistoryChecker.Allowed allowed) {
        this.server = server;
        this.machine = machine;
        this.hookLog = hookLog;
        this.allowed = allowed;
    }

    /**
     * Starts the agent of an enrolled machine; returns once it has applied its schedules.
     *
     * @param hookLog on a disk without faults
     */
    static ObservedMachine start(
            ServerProcess server,
            Fleet.Machine machine,
            HookLog hookLog,
            HistoryChecker.Allowed allowed,
            Recurrence... schedules)
            throws Exception {
        var observed = new ObservedMachine(server, machine, hookLog, allowed);
        machine.restic().init();
        machine.agent().allowHooks();
        machine.agent().start();
        server.awaitOnline(machine.host());
        for (var recurrence : schedules) {
            observed.schedule(recurrence);
        }
        return observed;
    }

    private void schedule(Recurrence recurrence) throws Exception {
        var name = recurrence.name() + " " + schedules.size();
        var source = Sources.small(Files.createDirectories(machine.directory().resolve(name)));
        var schedule = new HashMap<String, Object>(Map.of(
                "kind",
                "backup",
                "name",
                name,
                "cron",
                recurrence.cron(),
                "time_zone",
                "UTC",
                "paths",
                List.of(source.toString()),
                "hooks",
                hookLog.hooks()));
        var from = Instant.now();
        var id = server.schedule(machine.host(), schedule);
        awaitApplied();
        schedules.put(id, new Observed(schedule, recurrence, from, Instant.now()));
    }

    private void awaitApplied() throws Exception {
        eventually(() -> {
            var set = server.get("/api/hosts/" + machine.host() + "/schedules");
            assertThat(set.path("applied_version")).isEqualTo(set.path("version"));
        });
    }

    Fleet.Machine machine() {
        return machine;
    }

    /**
     * Requests an additional run; a server may refuse it, but must not forget one that it accepted.
     *
     * @return whether it was accepted
     */
    boolean requestRun(Random random) throws Exception {
        var ids = List.copyOf(schedules.keySet());
        var path = path(ids.get(random.nextInt(ids.size()))) + "/run";
        try {
            var answer = server.request("POST", path, Map.of());
            if (answer.status() == 202) {
                reported.putIfAbsent(answer.body().path("job_id").asText(), "");
                return true;
            }
            assertThat(answer.status()).as(answer.text()).isIn(409, 503);
        } catch (IOException e) {
            // disconnected: nothing was accepted
        }
        refused++;
        return false;
    }

    /** Records the results shown by the server, which must not change any more. */
    void recordResults() throws Exception {
        reported.putAll(checker().results());
    }

    /** The number of backups whose pre hook has run. */
    long started() throws IOException {
        return hookLog.lines().stream()
                .filter(line -> line.hook().equals("pre"))
                .map(HookLog.Line::job)
                .distinct()
                .count();
    }

    /** Disables all schedules and waits for the machine to finish; returns the contradictions between the sources. */
    List<String> settle() throws Exception {
        server.awaitOnline(machine.host());
        var surelyUntil = new HashMap<String, Instant>();
        for (var made : schedules.entrySet()) {
            surelyUntil.put(made.getKey(), Instant.now().minusSeconds(1)); // the planner ticks once a second
            var disabled = new HashMap<>(made.getValue().schedule());
            disabled.put("enabled", false);
            eventually(() -> {
                var answer = server.request("PUT", path(made.getKey()), disabled);
                assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            });
        }
        awaitApplied();
        var until = Instant.now();
        var spans = schedules.entrySet().stream()
                .map(made -> new HistoryChecker.ScheduleSpan(
                        made.getKey(),
                        made.getValue().recurrence(),
                        made.getValue().from(),
                        made.getValue().applied(),
                        surelyUntil.get(made.getKey()),
                        until))
                .toList();
        var violations = new ArrayList<String>();
        try {
            within(TO_SETTLE, () -> {
                violations.clear();
                violations.addAll(checker().violations(spans, reported, allowed));
                assertThat(violations).isEmpty();
            });
        } catch (AssertionError e) {
            return violations.isEmpty() ? List.of(String.valueOf(e.getMessage())) : violations;
        }
        return List.of();
    }

    private String path(String schedule) {
        return "/api/hosts/" + machine.host() + "/schedules/" + schedule;
    }

    private HistoryChecker checker() throws Exception {
        return HistoryChecker.read(server, machine, hookLog);
    }

    /** Settles all machines and prints their figures; returns the contradictions between the sources. */
    static List<String> settle(List<ObservedMachine> machines) throws Exception {
        var violations = new ArrayList<String>();
        for (var machine : machines) {
            violations.addAll(machine.settle());
            System.out.println("faults: " + machine.figures());
        }
        return violations;
    }

    /** The number of jobs with this status. */
    long ended(String status) throws Exception {
        return checker().counts().getOrDefault(status, 0L);
    }

    /** Figures for people, with the reasons of runs that did not succeed. */
    String figures() throws Exception {
        var checker = checker();
        return "jobs " + checker.counts() + ", accepted or reported " + reported.size() + ", refused " + refused + ", "
                + checker.reasons();
    }
}
