package io.resticfleet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.schedule.Ticker;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.program.LogSetup;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class HaltOnErrorTest {

    /** The process of {@link #an_error_in_any_thread_ends_the_process}: one thread throws an error. */
    static final class Broken {
        public static void main(String[] arguments) throws InterruptedException {
            LogSetup.apply();
            Thread.setDefaultUncaughtExceptionHandler(new HaltOnError());
            Ticker.start(Threads.OF_SYSTEM, Duration.ofSeconds(1), List.of(() -> {
                throw new OutOfMemoryError("in a test");
            }));
            new CountDownLatch(1).await();
        }
    }

    @Test
    void an_error_in_any_thread_ends_the_process() throws Exception {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Broken.class.getName())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(70);
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("ERROR the agent exits, as a thread failed thread=ticker")
                    .contains("OutOfMemoryError: in a test");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void a_log_line_has_the_time_in_utc_and_the_level_as_a_word() {
        var event = new LogRecord(Level.SEVERE, "the disk is full\nfile=x");
        event.setInstant(Instant.parse("2026-03-01T12:00:00Z"));

        assertThat(new LogSetup.OneLine().format(event))
                .isEqualTo("2026-03-01T12:00:00.000Z ERROR the disk is full | file=x\n");
    }

    @Test
    void text_from_a_server_can_neither_forge_a_log_line_nor_control_a_terminal_nor_flood_the_log() {
        var event = new LogRecord(
                Level.INFO, "received: \u001b]0;x\u0007\r\n2026 ERROR forged\u009b2J" + "x".repeat(10_000));
        event.setInstant(Instant.parse("2026-03-01T12:00:00Z"));

        assertThat(new LogSetup.OneLine().format(event))
                .startsWith("2026-03-01T12:00:00.000Z INFO received: ?]0;x? | 2026 ERROR forged?2Jxxx")
                .hasLineCount(1)
                .hasSizeLessThan(5_000);
    }
}
