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
 * A machine whose every backup is witnessed from outside: what the server promised and told is kept here, and judged
 * against what a {@link HistoryChecker} of it says in the end.
 */
final class ObservedMachine {

    private static final Duration TO_SETTLE = Duration.ofSeconds(200);

    private final ServerProcess server;
    private final Fleet.Machine machine;
    private final HookLog hookLog;
    private final HistoryChecker.Ends ends;
    private final Map<String, Made> schedules = new TreeMap<>();

    /** How each job ended by the word of the server; empty for one that it only promised. */
    private final Map<String, String> told = new HashMap<>();

    private int refused;

    /**
     * A schedule.
     *
     * @param from before it was made
     * @param obeyed when the machine had it for certain
     */
    private record Made(Map<String, Object> schedule, Recurrence recurrence, Instant from, Instant obeyed) {}

    private ObservedMachine(ServerProcess server, Fleet.Machine machine, HookLog hookLog, HistoryChecker.Ends ends) {
        this.server = server;
        this.machine = machine;
        this.hookLog = hookLog;
        this.ends = ends;
    }

    /**
     * Starts the agent of an enrolled machine; returns when it obeys its schedules.
     *
     * @param hookLog on a disk that nothing happens to
     */
    static ObservedMachine start(
            ServerProcess server,
            Fleet.Machine machine,
            HookLog hookLog,
            HistoryChecker.Ends ends,
            Recurrence... schedules)
            throws Exception {
        var observed = new ObservedMachine(server, machine, hookLog, ends);
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
        var source = Sources.small(Files.createDirectories(machine.place().resolve(name)));
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
        awaitObeyed();
        schedules.put(id, new Made(schedule, recurrence, from, Instant.now()));
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

    /**
     * Asks for a run besides; a server may refuse it, but not forget it.
     *
     * @return whether it was promised
     */
    boolean ask(Random random) throws Exception {
        var ids = List.copyOf(schedules.keySet());
        var path = path(ids.get(random.nextInt(ids.size()))) + "/run";
        try {
            var answer = server.ask("POST", path, Map.of());
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
        told.putAll(checker().told());
    }

    /** Backups whose hooks said that they began. */
    long begun() throws IOException {
        return hookLog.lines().stream()
                .filter(line -> line.hook().equals("pre"))
                .map(HookLog.Line::job)
                .distinct()
                .count();
    }

    /** Lets it come to rest with nothing due any more; where the witnesses contradict each other then. */
    List<String> settle() throws Exception {
        server.awaitOnline(machine.host());
        var surelyUntil = new HashMap<String, Instant>();
        for (var made : schedules.entrySet()) {
            surelyUntil.put(made.getKey(), Instant.now().minusSeconds(1)); // it looks once a second what is due
            var disabled = new HashMap<>(made.getValue().schedule());
            disabled.put("enabled", false);
            eventually(() -> {
                var answer = server.ask("PUT", path(made.getKey()), disabled);
                assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            });
        }
        awaitObeyed();
        var until = Instant.now();
        var spans = schedules.entrySet().stream()
                .map(made -> new HistoryChecker.ScheduleSpan(
                        made.getKey(),
                        made.getValue().recurrence(),
                        made.getValue().from(),
                        made.getValue().obeyed(),
                        surelyUntil.get(made.getKey()),
                        until))
                .toList();
        var wrong = new ArrayList<String>();
        try {
            within(TO_SETTLE, () -> {
                wrong.clear();
                wrong.addAll(checker().disagreements(spans, told, ends));
                assertThat(wrong).isEmpty();
            });
        } catch (AssertionError e) {
            return wrong.isEmpty() ? List.of(String.valueOf(e.getMessage())) : wrong;
        }
        return List.of();
    }

    private String path(String schedule) {
        return "/api/hosts/" + machine.host() + "/schedules/" + schedule;
    }

    private HistoryChecker checker() throws Exception {
        return HistoryChecker.read(server, machine, hookLog);
    }

    /** Lets them all come to rest and says how it went; where the witnesses contradict each other then. */
    static List<String> settle(List<ObservedMachine> machines) throws Exception {
        var wrong = new ArrayList<String>();
        for (var machine : machines) {
            wrong.addAll(machine.settle());
            System.out.println("faults: " + machine.figures());
        }
        return wrong;
    }

    /** How many jobs ended so. */
    long ended(String status) throws Exception {
        return checker().counts().getOrDefault(status, 0L);
    }

    /** Figures for people, with the reason of each run that did not succeed. */
    String figures() throws Exception {
        var checker = checker();
        return "jobs " + checker.counts() + ", promised or told " + told.size() + ", refused " + refused + ", "
                + checker.reasons();
    }
}
