package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The n-th write, sync or rename of server or agent fails like on a failing disk, for many n. */
@Tag("faults")
class FailingDisksTest {

    private static final String FEATURE = "failing system calls";
    private static final String SERVER_CALLS = "fsync,fdatasync,pwrite64";
    private static final String AGENT_CALLS = "fsync,fdatasync,rename";
    private static final int HIGHEST_N = 40;
    private static final Duration TO_HEAL = Duration.ofSeconds(60);

    @RegisterExtension
    final Fleet fleet = new Fleet();

    private int injected;
    private int failedStarts;

    @Test
    void nothing_reported_is_lost_and_the_disk_is_named_whichever_call_fails() throws Exception {
        Root.requirePrograms(FEATURE, "strace");
        Root.runOrSkip(FEATURE, "strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=fsync", "true");
        var faults = new Faults(FailingDisksTest.class);
        var server = fleet.server();
        var machine = fleet.machine(Restic.newest()).enrol();
        var observed = ObservedMachine.start(
                server,
                machine,
                new HookLog(fleet.directory("notes").resolve("notes")),
                HistoryChecker.Allowed.FAILURE,
                Recurrence.EVERY_MINUTE);
        int rounds = faults.count(3, 150);
        for (int i = 0; i < rounds; i++) {
            failServer(observed, faults);
            failAgent(observed, faults);
        }
        var violations = observed.settle();
        System.out.printf(
                "faults: injected %d failures in %d processes, %d of which did not start: %s; lost or duplicated %d%n",
                injected, 2 * rounds, failedStarts, observed.figures(), violations.size());
        assertThat(violations).as(faults.replay()).isEmpty();
        assertThat(injected).isPositive();
        assertThat(observed.ended("succeeded")).isPositive();
    }

    private void failServer(ObservedMachine observed, Faults faults) throws Exception {
        var server = fleet.server();
        var trace = fleet.directory("trace").resolve("trace");
        var when = when(faults);
        int logged = server.log().length();
        server.stop();
        server.startedBy(failing(SERVER_CALLS, when, trace));
        try {
            server.restart();
            observed.machine().agent().kill(); // otherwise it would not reconnect for a while
            observed.machine().agent().start();
            awaitOnlineOrInjected(observed, server::alive, trace);
            work(observed, faults);
            assertThat(server.alive())
                    .as("the server is alive: " + server.log())
                    .isTrue();
            if (!when.contains("+")) {
                within(
                        TO_HEAL,
                        () -> assertThat(observed.requestRun(faults.random()))
                                .as("recovers after call " + when)
                                .isTrue());
            }
        } catch (AssertionError e) {
            if (server.alive()) {
                throw e;
            }
            failedStarts++;
        }
        int failures = countInjected(trace);
        if (failures > 0) {
            assertThat(server.log().substring(logged))
                    .as(when)
                    .containsAnyOf("reports errors", "I/O error", "IOERR")
                    .doesNotContain("damaged");
        }
        server.kill();
        server.startedBy(List.of());
        server.restart();
    }

    private void failAgent(ObservedMachine observed, Faults faults) throws Exception {
        var agent = observed.machine().agent();
        var trace = fleet.directory("trace").resolve("trace");
        var when = when(faults);
        int logged = agent.log().length();
        agent.stop();
        agent.startedBy(failing(AGENT_CALLS, when, trace));
        agent.start();
        awaitOnlineOrInjected(observed, agent::alive, trace);
        work(observed, faults);
        if (countInjected(trace) > 0 && !agent.alive()) {
            failedStarts++;
            assertThat(agent.log().substring(logged)).as(when).contains("Input/output error");
        }
        agent.kill();
        agent.startedBy(List.of());
        agent.start();
    }

    private void awaitOnlineOrInjected(ObservedMachine observed, BooleanSupplier alive, Path trace) throws Exception {
        within(
                TO_HEAL,
                () -> assertThat(!alive.getAsBoolean()
                                || injectedIn(trace) > 0
                                || fleet.server()
                                        .status(observed.machine().host())
                                        .equals("online"))
                        .as("online or a failure injected")
                        .isTrue());
    }

    private static void work(ObservedMachine observed, Faults faults) throws Exception {
        for (int i = 2 + faults.random().nextInt(4); i >= 0; i--) {
            observed.requestRun(faults.random());
            faults.pause(Duration.ofMillis(1_500));
            observed.recordResults();
        }
    }

    /** The n-th call of each thread, all calls from there, or every few. */
    private static String when(Faults faults) {
        int n = 1 + faults.random().nextInt(1 + faults.random().nextInt(HIGHEST_N)); // biased towards low numbers
        return switch (faults.random().nextInt(3)) {
            case 0 -> Integer.toString(n);
            case 1 -> n + "+";
            default -> n + "+" + (2 + faults.random().nextInt(9));
        };
    }

    private static List<String> failing(String calls, String when, Path trace) {
        return List.of(
                Root.file("strace"),
                "-D",
                "-f",
                "--seccomp-bpf",
                "-qq",
                "-o",
                trace.toString(),
                "-e",
                "trace=" + calls,
                "-e",
                "inject=" + calls + ":error=EIO:when=" + when);
    }

    private int countInjected(Path trace) throws Exception {
        int failures = injectedIn(trace);
        injected += failures;
        return failures;
    }

    private static int injectedIn(Path trace) throws Exception {
        return (int) Files.readAllLines(trace).stream()
                .filter(line -> line.endsWith("(INJECTED)"))
                .count();
    }
}
