package io.resticfleet.server.page.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Eventually;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.JobSummaries;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.live.Versioned;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.status.FleetStatus;
import io.resticfleet.server.status.HostStatus;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The shared status under random changes of hosts, schedules, jobs, connections and time. */
class SharedStatusTest {

    private static final int STEPS = 500;
    private static final int MAX_HOSTS = 6;

    /** Long enough to notice a lost connection, and too short for the comparison every five minutes. */
    private static final int TIMEOUT_SECONDS = 15;

    private static final Pattern CARD = Pattern.compile("id=\"host-([^\"]+)\" data-v=\"([^\"]+)\"");
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<Machine> machines = new ArrayList<>();
    private final Map<String, Map<String, Integer>> newest = new HashMap<>();
    private final List<String> done = new ArrayList<>();
    private int count = 10;

    private static final class Machine {
        private final EnrolledAgent identity;
        private final List<String> schedules = new ArrayList<>();
        private final List<String> jobs = new ArrayList<>();
        private Optional<AgentClient> agent = Optional.empty();

        private Machine(EnrolledAgent identity) {
            this.identity = identity;
        }

        private String path() {
            return "/api/hosts/" + identity.hostId();
        }
    }

    @Test
    void the_shared_status_equals_a_fresh_one_after_each_random_change() throws Exception {
        enrol();
        // Of few seeds no job has shown progress until then.
        for (int step = 0; step < STEPS || newest.isEmpty() && step < 10 * STEPS; step++) {
            change();
            Eventually.within(TIMEOUT_SECONDS, () -> {
                assertThat(server.fleet().hosts())
                        .as("seed %d after %s", seed, done.subList(Math.max(0, done.size() - 10), done.size()))
                        .isEqualTo(server.freshFleet().hosts());
                return true;
            });
            if (step % 10 == 0) {
                assertCardsAreCurrent();
            }
        }
        assertThat(newest).isNotEmpty();
    }

    /** The dashboard shows the current versions of all cards, worst first. */
    private void assertCardsAreCurrent() throws Exception {
        Eventually.within(TIMEOUT_SECONDS, () -> {
            var page = server.api().get("/", "Cookie", "rf_zone=Europe%2FBerlin");
            var shown = new LinkedHashMap<String, String>();
            CARD.matcher(page.text()).results().forEach(card -> shown.put(card.group(1), card.group(2)));
            assertThat(shown).as("seed %d after %s", seed, done).containsExactlyEntriesOf(cards(server.freshFleet()));
            return true;
        });
    }

    private Map<String, String> cards(FleetStatus fleet) {
        var histories = new HostHistories(server.database(), new JobSummaries())
                .of(new Viewer(BERLIN, server.now()), fleet.hosts());
        var cards = new LinkedHashMap<String, String>();
        var worstFirst = new ArrayList<>(fleet.hosts());
        worstFirst.sort(Comparator.comparing(HostStatus::state)
                .thenComparing(status -> status.host().name().toLowerCase(Locale.ROOT)));
        for (var status : worstFirst) {
            var id = status.host().id();
            var percent = status.open().stream()
                    .findFirst()
                    .filter(job -> job.status() == JobStatus.RUNNING)
                    .map(job -> newest.getOrDefault(id.value(), Map.of())
                            .get(job.id().value()));
            cards.put(
                    id.value(),
                    Versioned.of(HostCard.of(status, histories.get(id), percent))
                            .version());
        }
        return cards;
    }

    private void change() throws Exception {
        var machine = machines.get(random.nextInt(machines.size()));
        int dice = random.nextInt(100);
        if (dice < 4 && machines.size() < MAX_HOSTS) {
            enrol();
        } else if (dice < 5 && machines.size() > 1) {
            record("delete", machine);
            server.api().delete(machine.path());
            machines.remove(machine);
        } else if (dice < 8) {
            record("rename", machine);
            server.api().patch(machine.path(), Map.of("name", "name-" + count++));
        } else if (dice < 16) {
            changeSchedules(machine);
        } else if (dice < 26) {
            record("connect or disconnect", machine);
            if (machine.agent.isPresent() && random.nextBoolean()) {
                machine.agent.get().abort();
                machine.agent = Optional.empty();
            } else {
                machine.agent = Optional.of(machine.identity.connect(0));
            }
        } else if (dice < 34) {
            passTime();
        } else if (dice < 37) {
            changeFromOutside();
        } else if (machine.agent.isPresent()) {
            try {
                report(machine, machine.agent.get());
            } catch (CompletionException | AssertionError e) {
                assertThat(machine.agent.get().isClosed()).isTrue(); // closed for being silent too long
                machine.agent = Optional.empty();
            }
        }
    }

    private void record(String what, Machine machine) {
        done.add(what + " " + machine.identity.hostname());
    }

    private void enrol() throws Exception {
        var machine = new Machine(server.enrol("machine-" + count++));
        machines.add(machine);
        record("enrol", machine);
        machine.identity.addSchedule(Samples.NIGHTLY);
        machine.agent = Optional.of(machine.identity.connect(0));
    }

    private void changeSchedules(Machine machine) throws Exception {
        var schedules = machine.path() + "/schedules";
        var body = new HashMap<>(Samples.NIGHTLY);
        body.put("name", "nightly-" + count++);
        body.put("enabled", random.nextInt(4) > 0);
        body.put("cron", random.nextInt(60) + " " + random.nextInt(24) + " * * *");
        body.put("tags", List.of("tag-" + random.nextInt(3)));
        if (machine.schedules.isEmpty() || random.nextInt(3) == 0) {
            record("add a schedule", machine);
            machine.schedules.add(machine.identity.addSchedule(body));
        } else if (random.nextBoolean()) {
            record("change a schedule", machine);
            server.api().put(schedules + "/" + any(machine.schedules), body);
        } else {
            record("delete a schedule", machine);
            var id = any(machine.schedules);
            server.api().delete(schedules + "/" + id);
            machine.schedules.remove(id);
        }
    }

    private void passTime() throws Exception {
        done.add("time passes");
        switch (random.nextInt(6)) {
            case 0 -> server.clock().skip(Duration.ofSeconds(random.nextInt(200)));
            case 1 -> server.clock().advance(Duration.ofSeconds(-random.nextInt(200)));
            case 2 -> server.maintenance().checkMissedRunsAt(server.now().plus(Duration.ofHours(random.nextInt(20))));
            case 3 -> server.maintenance().checkConnectionsAfter(Duration.ofSeconds(random.nextInt(20)));
            case 4 -> server.maintenance().expire();
            default -> server.clock().advance(Duration.ofSeconds(random.nextInt(20_000)));
        }
    }

    /** Another program changes the database. */
    private void changeFromOutside() throws Exception {
        done.add("a change from outside");
        server.sql(
                switch (random.nextInt(4)) {
                    case 0 -> "UPDATE hosts SET name = name || 'x' WHERE rowid = (SELECT max(rowid) FROM hosts)";
                    case 1 -> "UPDATE jobs SET status = 'failed' WHERE rowid = (SELECT min(rowid) FROM jobs)";
                    case 2 -> "DELETE FROM jobs WHERE rowid = (SELECT max(rowid) FROM jobs)";
                    default -> "UPDATE host_schedule_version SET refused = 'no' WHERE rowid = 1";
                });
    }

    private void report(Machine machine, AgentClient agent) throws Exception {
        var schedule = server.api().get(machine.path() + "/schedules").at("/schedules/0/id");
        var own = Optional.of(schedule).filter(id -> !id.isEmpty());
        switch (random.nextInt(9)) {
            case 0 -> {
                record("start", machine);
                machine.jobs.add(SampleReports.id(count++));
                agent.sendAndDrain(reports.started(
                        count++, machine.jobs.get(machine.jobs.size() - 1), own, Optional.of(server.now())));
            }
            case 1, 2 -> {
                record("end", machine);
                var job = machine.jobs.isEmpty() || random.nextInt(4) == 0
                        ? SampleReports.id(count++)
                        : any(machine.jobs);
                var status = List.of(JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.PARTIAL, JobStatus.CANCELLED)
                        .get(random.nextInt(4));
                agent.sendAndDrain(reports.finished(count++, job, own, Optional.of(server.now()), status, ""));
                machine.jobs.remove(job);
            }
            case 3 -> {
                record("miss a run", machine);
                agent.sendAndDrain(new ToServer.JobMissed(
                        count++,
                        new JobId(SampleReports.id(count++)),
                        JobKind.BACKUP,
                        new ScheduleId(own.orElse("gone")),
                        server.now(),
                        Optional.empty(),
                        "it slept"));
            }
            case 4 -> {
                record("log", machine);
                agent.sendAndDrain(
                        reports.log(machine.jobs.isEmpty() ? SampleReports.id(0) : any(machine.jobs), count, count++));
            }
            case 5 -> {
                record("acknowledge", machine);
                long version = Long.parseLong(server.api().get(machine.path()).at("/schedule_version"));
                agent.sendAndDrain(new ToServer.ScheduleAck(
                        version, random.nextInt(3) == 0 ? Optional.of("it is wrong") : Optional.empty()));
            }
            case 6 -> {
                record("request a run", machine);
                var response = server.api().post(machine.path() + "/run", "");
                if (response.status() == 202) {
                    machine.jobs.add(response.at("/job_id"));
                }
            }
            case 7 -> {
                record("cancel", machine);
                if (!machine.jobs.isEmpty()) {
                    server.api().post("/api/jobs/" + any(machine.jobs) + "/cancel", "");
                }
            }
            default -> progress(machine, agent);
        }
    }

    private void progress(Machine machine, AgentClient agent) throws Exception {
        record("progress", machine);
        if (!machine.jobs.isEmpty()) {
            var job = any(machine.jobs);
            int percent = random.nextInt(101);
            agent.sendAndDrain(new ToServer.JobProgress(
                    new JobId(job), percent / 100.0, 1, 2, 3, 4, 0, Optional.empty(), Optional.empty()));
            var status = server.sql("SELECT status FROM jobs WHERE id = '" + job + "'");
            if (status.contains("running") || status.contains("queued")) {
                newest.put(machine.identity.hostId(), Map.of(job, percent));
            }
        }
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
