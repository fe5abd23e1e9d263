package io.resticfleet.server.page.files;

import io.resticfleet.protocol.JobId;
import io.resticfleet.server.page.frame.Frame;
import java.util.List;

/**
 * What grew in a backup; a part of the page of its job.
 *
 * @param snapshotId of the backup; empty if it made none
 */
record GrowthScreen(Frame frame, JobId jobId, String snapshotId, Growth growth) {

    /**
     * What differs from the snapshot before.
     *
     * @param notice why it is not known; empty if it is
     * @param files that grew the most, the largest growth first
     * @param directories as files, by what is directly in them
     * @param compared number of differences that were looked at
     * @param more whether there are more of them
     */
    record Growth(
            String notice,
            long addedBytes,
            long removedBytes,
            List<Line> files,
            List<Line> directories,
            long compared,
            boolean more) {

        static Growth unknown(String notice) {
            return new Growth(notice, 0, 0, List.of(), List.of(), 0, false);
        }
    }

    /**
     * What grew.
     *
     * @param path on one line
     * @param link address of it, or of the directory that it is in
     */
    record Line(String path, String link, long bytes) {}
}
