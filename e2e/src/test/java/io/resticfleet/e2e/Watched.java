package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static io.resticfleet.e2e.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** A machine with schedules of every minute whose every run is witnessed from outside. */
final class Watched {

    private static final Duration TO_SETTLE = Duration.ofSeconds(150);

    private final ServerProcess server;
    private final Fleet.Machine machine;
    private final Witness witness;
    private final Map<String, Map<String, Object>> schedules = new HashMap<>();
    private final Map<String, Instant> since = new HashMap<>();
    private final Set<String> asked = new HashSet<>();

    private Watched(ServerProcess server, Fleet.Machine machine) {
        this.server = server;
        this.machine = machine;
        this.witness = new Witness(machine.place().resolve("witness"));
    }

    /** Starts the agent of an enrolled machine; returns when it obeys its schedules. */
    static Watched start(ServerProcess server, Fleet.Machine machine, int schedules) throws Exception {
        var watched = new Watched(server, machine);
        machine.restic().init();
        machine.agent().allowHooks();
        machine.agent().start();
        server.awaitOnline(machine.host());
        for (int i = 0; i < schedules; i++) {
            watched.schedule("minutely " + i);
        }
        return watched;
    }

    private void schedule(String name) throws Exception {
        var source = Sources.small(
                java.nio.file.Files.createDirectories(machine.place().resolve(name)));
        var schedule = new HashMap<String, Object>(Map.of(
                "kind",
                "backup",
                "name",
                name,
                "cron",
                "* * * * *",
                "paths",
                List.of(source.toString()),
                "hooks",
                witness.hooks()));
        var id = server.schedule(machine.host(), schedule);
        awaitObeyed();
        since.put(id, Instant.now());
        schedules.put(id, schedule);
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

    /** Asks for a run besides; a server may refuse it, but not forget it. */
    void ask(Random random) throws Exception {
        var ids = schedules.keySet().stream().sorted().toList();
        var path = "/api/hosts/" + machine.host() + "/schedules/" + ids.get(random.nextInt(ids.size())) + "/run";
        var answer = server.ask("POST", path, Map.of());
        if (answer.status() == 202) {
            asked.add(answer.body().path("job_id").asText());
        } else {
            assertThat(answer.status()).as(answer.text()).isEqualTo(409);
        }
    }

    /** Lets it come to rest with nothing due any more; where the witnesses contradict each other then. */
    List<String> settle() throws Exception {
        server.awaitOnline(machine.host());
        var windows = new ArrayList<Ledger.Minutely>();
        for (var schedule : schedules.entrySet()) {
            windows.add(new Ledger.Minutely(schedule.getKey(), since.get(schedule.getKey()), Instant.now()));
            schedule.getValue().put("enabled", false);
            var path = "/api/hosts/" + machine.host() + "/schedules/" + schedule.getKey();
            var answer = server.ask("PUT", path, schedule.getValue());
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        }
        awaitObeyed();
        var wrong = new ArrayList<String>();
        try {
            within(TO_SETTLE, () -> {
                var ledger = Ledger.read(server, machine, witness);
                wrong.clear();
                wrong.addAll(ledger.disagreements(windows, asked));
                assertThat(wrong).isEmpty();
            });
        } catch (AssertionError e) {
            return wrong.isEmpty() ? List.of(String.valueOf(e.getMessage())) : wrong;
        }
        return List.of();
    }

    Ledger ledger() throws Exception {
        return Ledger.read(server, machine, witness);
    }

    /** The jobs a person asked for and the server promised. */
    int promised() {
        return asked.size();
    }

    /** The machine as the server shows it. */
    JsonNode shown() throws Exception {
        return server.get("/api/hosts/" + machine.host());
    }
}
