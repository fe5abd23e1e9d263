package io.resticfleet.server.job;

import com.github.f4b6a3.ulid.Ulid;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StoredJson;
import io.resticfleet.server.host.HostUsage;
import io.resticfleet.server.link.AgentConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs of jobs. Stored apart from the jobs, as they are large and deleted earlier. */
public final class JobLogs {

    private static final Logger log = LoggerFactory.getLogger(JobLogs.class);

    /** Agents end a log at 1 MiB, with a marker; this limits those that do not. */
    private static final long MAX_PER_JOB = 4L * 1024 * 1024;

    private static final Duration RETENTION = Duration.ofDays(30);

    /** Size of a row, except for a longer single line. */
    private static final int ROW_CHARACTERS = 64 * 1024;

    /** Characters of a stored line besides its text and the name of its stream. */
    private static final int LINE_OVERHEAD = 64;

    /** Rows that are in memory at the same time, however long the log is. */
    private static final int ROWS_AT_A_TIME = 8;

    private static final int MAX_TAIL_LINES = 300;
    private static final int MAX_TAIL_BYTES = 10_000;

    private final Database db;
    private final HostUsage usage;
    private final InstantSource clock;

    public JobLogs(Database db, HostUsage usage, InstantSource clock) {
        this.db = db;
        this.usage = usage;
        this.clock = clock;
    }

    /**
     * Stores a piece of a log. Drops lines that are already stored, as a piece may arrive again, in whole or in part, and
     * those that are not in ascending order.
     */
    public void streamed(AgentConnection connection, ToServer.LogStream piece) {
        db.writeBulk(tx -> {
            store(tx, connection.hostId(), piece);
            return true;
        });
        connection.send(new ToAgent.LogAck(piece.jobId(), piece.sequence()));
    }

    private void store(Handle tx, HostId hostId, ToServer.LogStream piece) {
        var dao = tx.attach(JobLogDao.class);
        if (dao.hostOf(piece.jobId()).filter(hostId::equals).isEmpty()) {
            return; // deleted meanwhile, or another host's
        }
        var lines = ascending(piece.lines(), dao.lastLine(piece.jobId()).orElse(0L));
        if (lines.isEmpty()) {
            return;
        }
        long roomInLog = MAX_PER_JOB - dao.size(piece.jobId());
        long roomToday = usage.logBytesLeft(tx, hostId);
        int kept = fitting(lines, Math.min(roomInLog, roomToday));
        append(dao, piece.jobId(), lines.subList(0, kept));
        if (kept < lines.size()) {
            var why = roomToday < roomInLog
                    ? "the machine has sent more logs today than this server stores"
                    : "it is longer than " + (MAX_PER_JOB >> 20) + " MiB";
            drop(dao, piece.jobId(), lines.subList(kept, lines.size()), why);
        }
        long dropped = roomToday < roomInLog ? characters(lines.subList(kept, lines.size())) : 0;
        usage.addLog(tx, hostId, characters(lines.subList(0, kept)), dropped);
    }

    /** The lines whose numbers are higher than {@code after} and than those of all lines before them. */
    private static List<LogLine> ascending(List<LogLine> lines, long after) {
        var ascending = new ArrayList<LogLine>();
        long last = after;
        for (var line : lines) {
            if (line.line() > last) {
                ascending.add(line);
                last = line.line();
            }
        }
        return ascending;
    }

    /** How many of the lines fit into the rest of a log. */
    private static int fitting(List<LogLine> lines, long characters) {
        int count = 0;
        for (long left = characters; count < lines.size() && left > 0; count++) {
            left -= characters(lines.get(count));
        }
        return count;
    }

    /** About as many as are stored: each line has some more for its number and time. */
    private static long characters(List<LogLine> lines) {
        return lines.stream().mapToLong(JobLogs::characters).sum();
    }

    private static int characters(LogLine line) {
        return line.text().length() + line.stream().length() + LINE_OVERHEAD;
    }

    /** Stores lines in rows of limited size. */
    private static void append(JobLogDao dao, JobId jobId, List<LogLine> lines) {
        int from = 0;
        int characters = 0;
        for (int i = 0; i < lines.size(); i++) {
            characters += characters(lines.get(i));
            if (characters > ROW_CHARACTERS || i == lines.size() - 1) {
                var row = lines.subList(from, i + 1);
                dao.append(jobId, row.get(0).line(), lines.get(i).line(), row);
                from = i + 1;
                characters = 0;
            }
        }
    }

    /** Counts lines in a marker at the end of the log. Its number is that of the last one, so that readers get it again. */
    private void drop(JobLogDao dao, JobId jobId, List<LogLine> lines, String why) {
        var before = dao.dropped(jobId);
        long count = before.orElse(0L) + lines.size();
        long last = lines.get(lines.size() - 1).line();
        var marker = new LogLine(last, clock.instant(), "server", count + " lines of the log were dropped: " + why);
        long first =
                before.flatMap(any -> dao.lastPiece(jobId)).orElse(lines.get(0).line());
        dao.mark(jobId, first, last, List.of(marker), count);
    }

    /** Receives the lines of a log. */
    public interface Reader {
        void accept(LogLine line) throws IOException;
    }

    /** Passes on the lines after a line number, oldest first. Only a part of the log is in memory at a time. */
    public void read(JobId jobId, long after, Reader reader) throws IOException {
        long last = after;
        for (var lines = part(jobId, last); !lines.isEmpty(); lines = part(jobId, last)) {
            for (var line : lines) {
                reader.accept(line);
                last = Math.max(last, line.line()); // older logs are in the order of an agent
            }
        }
    }

    /** Some lines after a line number, oldest first; empty if there are no more. */
    private List<LogLine> part(JobId jobId, long after) {
        return db
                .read(handle -> {
                    var dao = handle.attach(JobLogDao.class);
                    return dao.pieces(jobId, dao.pieceAfter(jobId, after), ROWS_AT_A_TIME);
                })
                .stream()
                .flatMap(piece -> piece.lines().stream())
                .filter(line -> line.line() > after)
                .toList();
    }

    /** The first lines of a log, not all. */
    public List<LogLine> first(JobId jobId) {
        return part(jobId, 0);
    }

    /** The last lines after a line number, oldest first, at most {@code max}. */
    public List<LogLine> last(JobId jobId, long after, int max) {
        return db.read(handle -> {
            var dao = handle.attach(JobLogDao.class);
            long from = dao.pieceAfter(jobId, after);
            long before = Long.MAX_VALUE;
            var newestFirst = new ArrayList<LogLine>();
            while (newestFirst.size() < max) {
                var pieces = dao.piecesBefore(jobId, from, before, ROWS_AT_A_TIME);
                if (pieces.isEmpty()) {
                    break;
                }
                pieces.forEach(piece -> newestFirst.addAll(reversed(piece.lines())));
                before = pieces.get(pieces.size() - 1).firstLine();
            }
            return reversed(newestFirst.stream()
                    .filter(line -> line.line() > after)
                    .limit(max)
                    .toList());
        });
    }

    /** The end of a log as text, at most 10,000 bytes; lines that end there are whole. */
    public String tail(JobId jobId) {
        var text = last(jobId, 0, MAX_TAIL_LINES).stream().map(LogLine::text).collect(Collectors.joining("\n"));
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= MAX_TAIL_BYTES) {
            return text;
        }
        var end = new String(bytes, bytes.length - MAX_TAIL_BYTES, MAX_TAIL_BYTES, StandardCharsets.UTF_8);
        return end.substring(end.indexOf('\n') + 1);
    }

    private static List<LogLine> reversed(List<LogLine> lines) {
        var reversed = new ArrayList<>(lines);
        Collections.reverse(reversed);
        return reversed;
    }

    /** Deletes the logs of old jobs. */
    public void expire() {
        int pieces = db.write(tx -> tx.attach(JobLogDao.class)
                .deleteOlder(Ulid.min(clock.instant().minus(RETENTION).toEpochMilli())
                        .toString()));
        if (pieces > 0) {
            log.info("old job logs removed pieces={} older_than_days={}", pieces, RETENTION.toDays());
        }
    }

    static String write(Object value) {
        return StoredJson.write(value);
    }
}
