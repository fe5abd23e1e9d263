package io.resticfleet.server.job;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.resticfleet.protocol.ToServer;
import java.util.Optional;

/**
 * A job as the API returns it.
 *
 * @param progress the last progress report; null unless the job is running
 */
record JobView(@JsonUnwrapped Job job, Optional<Progress> progress) {

    /** See {@link ToServer.JobProgress}. */
    record Progress(
            double fractionDone,
            long filesDone,
            long totalFiles,
            long bytesDone,
            long totalBytes,
            long errorCount,
            Optional<Long> secondsRemaining,
            Optional<String> currentFile) {

        static Progress of(ToServer.JobProgress progress) {
            return new Progress(
                    progress.fractionDone(),
                    progress.filesDone(),
                    progress.totalFiles(),
                    progress.bytesDone(),
                    progress.totalBytes(),
                    progress.errorCount(),
                    progress.secondsRemaining(),
                    progress.currentFile());
        }
    }
}
