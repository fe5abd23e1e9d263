package io.resticfleet.agent.job;

import io.resticfleet.protocol.RestoreResult;
import java.nio.file.Path;
import java.util.Optional;

/** What a dry run finds: the first thousand changes in the job's log, and the number of all. */
final class RestoreChanges {

    private static final long MAX_LOGGED = 1_000;

    private final JobRun job;
    private final Selection selection;
    private long changed;
    private long bytes;
    private long kept;
    private long removed;

    RestoreChanges(JobRun job, Selection selection) {
        this.job = job;
        this.selection = selection;
    }

    /** @param action of restic: restored, updated, unchanged or deleted */
    void add(String action, String path) {
        add(action, path, 0);
    }

    void add(String action, String path, long size) {
        boolean gone = action.equals("deleted");
        if (!gone && !selection.covers(path)) {
            return; // a directory above, which stays as it is
        }
        if (action.equals("unchanged")) {
            kept++;
            return;
        }
        if (gone) {
            removed++;
        } else {
            changed++;
            bytes += size;
        }
        if (changed + removed <= MAX_LOGGED) {
            job.logMessage(switch (action) {
                        case "updated" -> "would overwrite ";
                        case "deleted" -> "would remove ";
                        default -> "would restore ";
                    }
                    + path);
        }
    }

    void end() {
        if (changed + removed > MAX_LOGGED) {
            job.logMessage("… and " + (changed + removed - MAX_LOGGED) + " more");
        }
        job.logMessage("this was a dry run: nothing was written");
    }

    RestoreResult result(double seconds, Path root) {
        return new RestoreResult(changed, bytes, seconds, 0, kept, removed, Optional.of(root.toString()));
    }
}
