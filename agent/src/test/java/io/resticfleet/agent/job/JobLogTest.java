package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.restic.Redactor;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobLogTest {

    static final Redactor REDACTOR = Redactor.of(
            Optional.of(new Repository(new RepositoryUrl("/srv"), Optional.empty(), Optional.empty(), "the-secret")));

    @TempDir
    Path directory;

    @Test
    void lines_are_numbered_without_gaps_and_without_secrets() {
        var log = open();
        log.add(JobLog.RESTIC, "one the-secret");
        log.add(JobLog.HOOK, "\u001b[2Ktwo\r");

        assertThat(log.next(1_000)).extracting(LogLine::line).containsExactly(1L, 2L);
        log.rewind();
        assertThat(log.next(1_000)).extracting(LogLine::text).containsExactly("one ***", "two");
    }

    @Test
    void what_would_take_effect_on_a_terminal_is_shown() {
        var log = open();
        log.add(JobLog.RESTIC, "\u001b[2K/srv/a\u001b[31mb\u009bc\u202egpj.exe\tü😀\u0007");
        log.add(JobLog.HOOK, "\u001b[32mgreen\u001b[0m");

        assertThat(log.next(1_000))
                .extracting(LogLine::text)
                .containsExactly("/srv/a\\x1b[31mb\\x9bc\\u202egpj.exe\tü😀\\x07", "green");
    }

    @Test
    void unacknowledged_lines_are_sent_again() {
        var log = open();
        log.add(JobLog.AGENT, "one");
        log.add(JobLog.AGENT, "two");
        log.next(1_000);
        log.acked(1);

        log.rewind();

        assertThat(log.next(1_000)).extracting(LogLine::text).containsExactly("two");
        assertThat(log.allAcked()).isFalse();
        log.acked(2);
        assertThat(log.allAcked()).isTrue();
    }

    @Test
    void a_resumed_job_does_not_repeat_its_lines() {
        open().add(JobLog.AGENT, "one");

        var log = open();
        log.add(JobLog.AGENT, "one");
        log.add(JobLog.AGENT, "two");

        assertThat(log.next(1_000)).extracting(LogLine::text).containsExactly("one", "two");
    }

    @Test
    void a_line_cut_short_by_a_power_cut_is_written_again() throws IOException {
        open().add(JobLog.AGENT, "one");
        Files.writeString(directory.resolve("log.ndjson"), "{\"line\":2,\"at", StandardOpenOption.APPEND);

        var log = open();
        log.add(JobLog.AGENT, "one");
        log.add(JobLog.AGENT, "two");

        assertThat(log.next(1_000)).extracting(LogLine::text).containsExactly("one", "two");
        log.acked(2);
        assertThat(log.allAcked()).isTrue();
    }

    @Test
    void a_log_that_is_too_long_ends_with_the_number_of_dropped_lines() {
        var log = open();
        for (int i = 0; i < 10_050; i++) {
            log.add(JobLog.RESTIC, "x");
        }
        log.end();

        var lines = new ArrayList<LogLine>();
        for (List<LogLine> batch = log.next(60_000); !batch.isEmpty(); batch = log.next(60_000)) {
            lines.addAll(batch);
        }
        assertThat(lines).hasSize(10_001);
        assertThat(lines.get(10_000).text()).startsWith("50 lines of the log were dropped");
    }

    private JobLog open() {
        return JobLog.open(directory, () -> Instant.EPOCH, bytes -> true, REDACTOR);
    }
}
