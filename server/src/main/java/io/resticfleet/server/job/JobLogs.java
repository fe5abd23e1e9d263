package io.resticfleet.server.job;

import com.github.f4b6a3.ulid.Ulid;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StoredJson;
import io.resticfleet.server.link.AgentConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs of jobs. Stored apart from the jobs, as they are large and deleted earlier. */
public final class JobLogs {

    private static final Logger log = LoggerFactory.getLogger(JobLogs.class);

    /** Agents end a log at 1 MiB, with a marker; this limits those that do not. */
    private static final long MAX_PER_JOB = 4L * 1024 * 1024;

    private static final Duration RETENTION = Duration.ofDays(30);
    private static final int FIRST_PIECES = 5;

    private final Database db;
    private final InstantSource clock;

    public JobLogs(Database db, InstantSource clock) {
        this.db = db;
        this.clock = clock;
    }

    /**
     * Stores a piece of a log. Drops lines that are already stored, as a piece may arrive again, in whole or in part.
     */
    public void streamed(AgentConnection connection, ToServer.LogStream piece) {
        db.writeBulk(tx -> {
            store(tx.attach(JobLogDao.class), connection.hostId(), piece);
            return true;
        });
        connection.send(new ToAgent.LogAck(piece.jobId(), piece.sequence()));
    }

    private void store(JobLogDao dao, HostId hostId, ToServer.LogStream piece) {
        if (dao.hostOf(piece.jobId()).filter(hostId::equals).isEmpty()) {
            return; // deleted meanwhile, or another host's
        }
        long lastStored = dao.lastLine(piece.jobId());
        var lines =
                piece.lines().stream().filter(line -> line.line() > lastStored).toList();
        if (lines.isEmpty()) {
            return;
        }
        if (dao.size(piece.jobId()) > MAX_PER_JOB) {
            var marker =
                    List.of(new LogLine(lastStored + 1, clock.instant(), "server", "the rest was dropped: too long"));
            dao.append(piece.jobId(), lastStored + 1, Long.MAX_VALUE, marker); // nothing comes after this
            return;
        }
        dao.append(
                piece.jobId(), lines.get(0).line(), lines.get(lines.size() - 1).line(), lines);
    }

    /** The lines after a line number, oldest first. */
    public List<LogLine> after(JobId jobId, long line) {
        return db.read(handle -> handle.attach(JobLogDao.class).after(jobId, line)).stream()
                .flatMap(List::stream)
                .filter(each -> each.line() > line)
                .toList();
    }

    /** The first lines of a log, not all. */
    public List<LogLine> first(JobId jobId) {
        return db.read(handle -> handle.attach(JobLogDao.class).first(jobId, FIRST_PIECES)).stream()
                .flatMap(List::stream)
                .toList();
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
