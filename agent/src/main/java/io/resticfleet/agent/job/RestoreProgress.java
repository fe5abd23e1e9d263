package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticEvent;
import io.resticfleet.protocol.RestoreResult;
import io.resticfleet.protocol.ToServer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** What restic reports of a restore while it runs. */
final class RestoreProgress {

    private static final int MAX_FAILURES = 1_000;

    /** Of restic before 0.17.1. */
    private static final Pattern IGNORED = Pattern.compile("ignoring error for (/.*?): (.*)");

    private final JobRun job;
    private final RestoreChanges changes;
    private final Map<String, String> failures = new LinkedHashMap<>();
    private Optional<ResticEvent.Status> last = Optional.empty();
    private Optional<ResticEvent.Restored> summary = Optional.empty();
    private OptionalLong sentAt = OptionalLong.empty();

    RestoreProgress(JobRun job, RestoreChanges changes) {
        this.job = job;
        this.changes = changes;
    }

    void onEvent(ResticEvent event) {
        if (event instanceof ResticEvent.Status status) {
            last = Optional.of(status);
            send(status);
        } else if (event instanceof ResticEvent.Restored restored) {
            summary = Optional.of(restored);
        } else if (event instanceof ResticEvent.Item item) {
            changes.add(item.action(), item.path(), item.size());
        } else if (event instanceof ResticEvent.Unreadable file) {
            failed(file.path(), file.why());
        } else if (event instanceof ResticEvent.Text text) {
            var ignored = IGNORED.matcher(text.line());
            if (ignored.matches()) {
                failed(ignored.group(1), ignored.group(2));
            }
        }
    }

    private void failed(String path, String why) {
        if (failures.size() < MAX_FAILURES) {
            failures.putIfAbsent(path, why);
        }
    }

    /** Reasons by path, of the first thousand. */
    Map<String, String> failures() {
        return Collections.unmodifiableMap(failures);
    }

    /** Number of files that restic left as they were; 0 before restic 0.17. */
    long kept() {
        return summary.map(ResticEvent.Restored::skipped).orElse(0L);
    }

    /** Number of files that restic removed; 0 before restic 0.18. */
    long removed() {
        return summary.map(ResticEvent.Restored::deleted).orElse(0L);
    }

    /** The figures of a restore that was stopped. */
    RestoreResult soFar(Path root) {
        return new RestoreResult(
                last.map(ResticEvent.Status::filesDone).orElse(0L),
                last.map(ResticEvent.Status::bytesDone).orElse(0L),
                0,
                0,
                0,
                0,
                Optional.of(root.toString()));
    }

    /** Sends progress: the first event at once, then at most one a second. */
    private void send(ResticEvent.Status status) {
        long now = job.context().nanos().getAsLong();
        if (sentAt.isPresent() && now - sentAt.getAsLong() < TimeUnit.SECONDS.toNanos(1)) {
            return;
        }
        sentAt = OptionalLong.of(now);
        job.context()
                .progress()
                .accept(new ToServer.JobProgress(
                        job.entry().jobId(),
                        status.fractionDone(),
                        status.filesDone(),
                        status.totalFiles(),
                        status.bytesDone(),
                        status.totalBytes(),
                        failures.size(),
                        status.secondsRemaining(),
                        Optional.empty()));
    }
}
