package io.resticfleet.agent.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.resticfleet.agent.restic.Redactor;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.WellFormedText;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.regex.Pattern;

/**
 * The log of one job: a file of lines of limited size. Its last line counts the lines that were dropped.
 *
 * <p>Safe for use by many threads.
 */
final class JobLog {

    /** Messages of the agent. */
    static final String AGENT = "agent";

    static final String RESTIC = "restic";
    static final String HOOK = "hook";

    private static final int MAX_LINES = 10_000;
    private static final int MAX_BYTES = 1024 * 1024;
    private static final int MAX_LINE_LENGTH = 4_096;

    private static final Pattern TERMINAL_CODES = Pattern.compile("\u001b\\[[0-9;]*[A-Za-z]");
    private static final Pattern CODES_AT_START = Pattern.compile("^(\u001b\\[[0-9;]*[A-Za-z])+");

    private final Path file;
    private final InstantSource clock;
    private final LongPredicate room;
    private volatile Redactor redactor;
    private long lines;
    private long bytes;
    private long repeated;
    private long dropped;

    /** Whether the file ends in an incomplete line that cannot be removed, so that nothing can be appended. */
    private boolean damaged;

    private long acked;
    private long sent;
    private long sentOffset;

    private JobLog(Path file, InstantSource clock, LongPredicate room, Redactor redactor) {
        this.file = file;
        this.clock = clock;
        this.room = room;
        this.redactor = redactor;
    }

    /**
     * Opens or continues a job's log. A resumed job repeats the lines that are already there; they are skipped.
     *
     * @param room takes bytes from the limit shared by all logs; false if it is exhausted
     */
    static JobLog open(Path directory, InstantSource clock, LongPredicate room, Redactor redactor) {
        var log = new JobLog(directory.resolve("log.ndjson"), clock, room, redactor);
        try {
            if (Files.exists(log.file)) {
                log.load();
            } else {
                var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
                Files.createFile(log.file, mode);
            }
        } catch (IOException | UncheckedIOException e) {
            log.dropped = 1; // its content is lost
        }
        return log;
    }

    /** Reads what is left after a power cut. Drops everything from the first unreadable line on. */
    private void load() throws IOException {
        var content = Files.readAllBytes(file);
        for (int end = lineEnd(content, 0); end > 0; end = lineEnd(content, end)) {
            if (!readable(content, (int) bytes, end)) {
                break;
            }
            lines++;
            bytes = end;
        }
        repeated = lines;
        if (bytes < content.length) {
            cutHalfLine();
        }
    }

    /** Offset after the next line break; 0 if there is none. */
    private static int lineEnd(byte[] content, int from) {
        int end = from;
        while (end < content.length && content[end] != '\n') {
            end++;
        }
        return end < content.length ? end + 1 : 0;
    }

    private static boolean readable(byte[] content, int from, int end) {
        try {
            Json.LENIENT.readValue(content, from, end - from, LogLine.class);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Masks these secrets from now on. */
    void masking(Redactor newRedactor) {
        redactor = newRedactor;
    }

    synchronized void add(String stream, String text) {
        if (repeated > 0) {
            repeated--; // logged before the agent was restarted
            return;
        }
        if (damaged || lines >= MAX_LINES || bytes >= MAX_BYTES) {
            dropped++;
            return;
        }
        write(stream, text, room);
    }

    /** Ends the log; logs how many lines were dropped. */
    synchronized void end() {
        if (dropped > 0 && !damaged) {
            long count = dropped;
            dropped = 0;
            write(
                    AGENT,
                    count + " lines of the log were dropped: it was too long, or the disk was full",
                    bytes -> true);
        }
    }

    /** Size of the file. */
    synchronized long bytes() {
        return bytes;
    }

    synchronized void acked(long line) {
        acked = Math.max(acked, Math.min(line, lines));
    }

    synchronized boolean allAcked() {
        return acked >= lines;
    }

    /** Lets {@link #next} start after the acknowledged lines. */
    synchronized void rewind() {
        sent = 0;
        sentOffset = 0;
    }

    /** The next lines to send, up to about {@code maxBytes}; empty if there are none. */
    synchronized List<LogLine> next(int maxBytes) {
        var batch = new ArrayList<LogLine>();
        if (sent >= lines) {
            return batch;
        }
        try (var channel = Files.newByteChannel(file).position(sentOffset);
                var reader = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            int size = 0;
            for (var text = reader.readLine(); text != null && size < maxBytes; text = reader.readLine()) {
                int length = text.getBytes(StandardCharsets.UTF_8).length;
                sentOffset += length + 1;
                sent++;
                if (sent > acked) {
                    batch.add(Json.LENIENT.readValue(text, LogLine.class));
                    size += length;
                }
            }
        } catch (IOException e) {
            sent = lines; // the file cannot be read any further
        }
        return batch;
    }

    private void write(String stream, String text, LongPredicate into) {
        try {
            var clean = clean(stream, redactor.redact(text));
            var at = clock.instant().truncatedTo(ChronoUnit.MILLIS);
            var line = encode(new LogLine(lines + 1, at, stream, clean));
            if (!into.test(line.length)) {
                dropped++;
                return;
            }
            Files.write(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            lines++;
            bytes += line.length;
        } catch (IOException e) {
            dropped++; // disk full; the backup matters more
            cutHalfLine();
        }
    }

    private void cutHalfLine() {
        if (!Files.exists(file)) {
            return;
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
        } catch (IOException e) {
            damaged = true;
        }
    }

    private static byte[] encode(LogLine line) throws JsonProcessingException {
        return (Json.LENIENT.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Removes the terminal codes of programs, but not those in the names of files: restic's begin a line. */
    private static String clean(String stream, String text) {
        var codes = stream.equals(HOOK) ? TERMINAL_CODES : CODES_AT_START;
        var plain = codes.matcher(text).replaceAll("").stripTrailing();
        var start = WellFormedText.prefix(plain, MAX_LINE_LENGTH);
        int more = plain.length() - start.length();
        return more == 0 ? plain : start + "… (" + more + " more characters)";
    }
}
