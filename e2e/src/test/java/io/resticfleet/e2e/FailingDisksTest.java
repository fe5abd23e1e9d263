package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
        var form = new Form(FailingDisksTest.class);
        var server = fleet.server();
        var machine = fleet.machine(Restic.newest()).enrol();
        var truth = Truth.of(server, machine, fleet.place("notes").resolve("notes"));
        int rounds = form.count(3, 150);
        for (int i = 0; i < rounds; i++) {
            failServer(truth, form);
            failAgent(truth, form);
        }
        var wrong = truth.settle();
        System.out.printf(
                "faults: let %d calls fail in %d lives, %d of which refused to begin: %s; lost or doubled %d%n",
                hits, 2 * rounds, refusedToStart, truth.figures(), wrong.size());
        assertThat(wrong).as(form.replay()).isEmpty();
        assertThat(hits).isPositive();
        assertThat(truth.succeeded()).isPositive();
    }

    private void failServer(Truth truth, Form form) throws Exception {
        var server = fleet.server();
        var trace = fleet.place("trace").resolve("trace");
        var when = when(form);
        int said = server.log().length();
        server.stop();
        server.under(failing(SERVER_CALLS, when, trace));
        try {
            server.restart();
            work(truth, form);
            assertThat(server.alive()).as("the server lives: " + server.log()).isTrue();
            if (!when.contains("+")) {
                within(
                        TO_HEAL,
                        () -> assertThat(truth.ask())
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
            assertThat(server.log().substring(said)).as(when).containsAnyOf("reports errors", "I/O error", "IOERR");
        }
        server.kill();
        server.under(List.of());
        server.restart();
    }

    private void failAgent(Truth truth, Form form) throws Exception {
        var agent = truth.machine().agent();
        var trace = fleet.place("trace").resolve("trace");
        var when = when(form);
        int said = agent.log().length();
        agent.stop();
        agent.under(failing(AGENT_CALLS, when, trace));
        agent.start();
        work(truth, form);
        if (struck(trace) > 0 && !agent.alive()) {
            refusedToStart++;
            assertThat(agent.log().substring(said)).as(when).contains("Input/output error");
        }
        agent.kill();
        agent.under(List.of());
        agent.start();
    }

    private static void work(Truth truth, Form form) throws Exception {
        for (int i = 2 + form.random().nextInt(4); i >= 0; i--) {
            truth.ask();
            form.pass(Duration.ofMillis(1_500));
            truth.look();
        }
    }

    /** The n-th call of a thread, all from then on, or some of them. */
    private static String when(Form form) {
        int n = 1 + form.random().nextInt(1 + form.random().nextInt(HIGHEST_N)); // low ones are met most often
        return switch (form.random().nextInt(3)) {
            case 0 -> Integer.toString(n);
            case 1 -> n + "+";
            default -> n + "+" + (2 + form.random().nextInt(9));
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
        int struck = (int) Files.readAllLines(trace).stream()
                .filter(line -> line.endsWith("(INJECTED)"))
                .count();
        hits += struck;
        return struck;
    }
}
