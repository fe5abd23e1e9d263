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

/** The n-th write, sync or rename of server or agent fails as on a disk that is breaking, for many n. */
@Tag("faults")
class FailingDisksTest {

    private static final String WHAT = "failing system calls";
    private static final String SERVER_CALLS = "fsync,fdatasync,pwrite64";
    private static final String AGENT_CALLS = "fsync,fdatasync,rename";
    private static final int HIGHEST_N = 40;
    private static final Duration TO_HEAL = Duration.ofSeconds(60);

    @RegisterExtension
    final Fleet fleet = new Fleet();

    private int hits;
    private int refusedToStart;

    @Test
    void nothing_told_is_lost_and_the_disk_is_blamed_whichever_call_fails() throws Exception {
        Root.need(WHAT, "strace");
        Root.may(WHAT, "strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=fsync", "true");
        var faults = new Faults(FailingDisksTest.class);
        var server = fleet.server();
        var machine = fleet.machine(Restic.newest()).enrol();
        var observed = ObservedMachine.start(
                server,
                machine,
                new HookLog(fleet.place("notes").resolve("notes")),
                HistoryChecker.Ends.BROKEN_OFF_TOO,
                Recurrence.EVERY_MINUTE);
        int rounds = faults.count(3, 150);
        for (int i = 0; i < rounds; i++) {
            failServer(observed, faults);
            failAgent(observed, faults);
        }
        var wrong = observed.settle();
        System.out.printf(
                "faults: let %d calls fail in %d lives, %d of which refused to begin: %s; lost or doubled %d%n",
                hits, 2 * rounds, refusedToStart, observed.figures(), wrong.size());
        assertThat(wrong).as(faults.replay()).isEmpty();
        assertThat(hits).isPositive();
        assertThat(observed.ended("succeeded")).isPositive();
    }

    private void failServer(ObservedMachine observed, Faults faults) throws Exception {
        var server = fleet.server();
        var trace = fleet.place("trace").resolve("trace");
        var when = when(faults);
        int said = server.log().length();
        server.stop();
        server.under(failing(SERVER_CALLS, when, trace));
        try {
            server.restart();
            observed.machine().agent().kill(); // or it would not dial for a while
            observed.machine().agent().start();
            awaitOnlineOrStruck(observed, server::alive, trace);
            work(observed, faults);
            assertThat(server.alive()).as("the server lives: " + server.log()).isTrue();
            if (!when.contains("+")) {
                within(
                        TO_HEAL,
                        () -> assertThat(observed.ask(faults.random()))
                                .as("it heals after call " + when)
                                .isTrue());
            }
        } catch (AssertionError e) {
            if (server.alive()) {
                throw e;
            }
            refusedToStart++;
        }
        int struck = struck(trace);
        if (struck > 0) {
            assertThat(server.log().substring(said))
                    .as(when)
                    .containsAnyOf("reports errors", "I/O error", "IOERR")
                    .doesNotContain("damaged");
        }
        server.kill();
        server.under(List.of());
        server.restart();
    }

    private void failAgent(ObservedMachine observed, Faults faults) throws Exception {
        var agent = observed.machine().agent();
        var trace = fleet.place("trace").resolve("trace");
        var when = when(faults);
        int said = agent.log().length();
        agent.stop();
        agent.under(failing(AGENT_CALLS, when, trace));
        agent.start();
        awaitOnlineOrStruck(observed, agent::alive, trace);
        work(observed, faults);
        if (struck(trace) > 0 && !agent.alive()) {
            refusedToStart++;
            assertThat(agent.log().substring(said)).as(when).contains("Input/output error");
        }
        agent.kill();
        agent.under(List.of());
        agent.start();
    }

    private void awaitOnlineOrStruck(ObservedMachine observed, BooleanSupplier alive, Path trace) throws Exception {
        within(
                TO_HEAL,
                () -> assertThat(!alive.getAsBoolean()
                                || struckLines(trace) > 0
                                || fleet.server()
                                        .status(observed.machine().host())
                                        .equals("online"))
                        .as("online or struck")
                        .isTrue());
    }

    private static void work(ObservedMachine observed, Faults faults) throws Exception {
        for (int i = 2 + faults.random().nextInt(4); i >= 0; i--) {
            observed.ask(faults.random());
            faults.pass(Duration.ofMillis(1_500));
            observed.look();
        }
    }

    /** The n-th call of a thread, all from then on, or some of them. */
    private static String when(Faults faults) {
        int n = 1 + faults.random().nextInt(1 + faults.random().nextInt(HIGHEST_N)); // low ones are met most often
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

    private int struck(Path trace) throws Exception {
        int struck = struckLines(trace);
        hits += struck;
        return struck;
    }

    private static int struckLines(Path trace) throws Exception {
        return (int) Files.readAllLines(trace).stream()
                .filter(line -> line.endsWith("(INJECTED)"))
                .count();
    }
}
