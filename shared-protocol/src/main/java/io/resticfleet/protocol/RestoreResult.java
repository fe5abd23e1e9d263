package io.resticfleet.protocol;

import java.util.Optional;

/**
 * What a restore did, or of a dry run, what it would do.
 *
 * @param files number of entries of the snapshot, directories and links included, that are at the target as in the snapshot
 * @param bytes size of the files among them
 * @param seconds how long restic ran
 * @param failed number of entries that are not at the target, or not as in the snapshot
 * @param kept number of files that existed at the target and were not replaced
 * @param removed number of files that were removed at the target
 * @param target directory that holds what was restored; {@code /} if it was restored where it was
 */
public record RestoreResult(
        long files, long bytes, double seconds, long failed, long kept, long removed, Optional<String> target)
        implements JobResult {

    public RestoreResult {
        files = Limit.count(files);
        bytes = Limit.count(bytes);
        seconds = Math.max(0, seconds);
        failed = Limit.count(failed);
        kept = Limit.count(kept);
        removed = Limit.count(removed);
        target = Limit.cut(target == null ? Optional.empty() : target, Limit.LINE);
    }
}
