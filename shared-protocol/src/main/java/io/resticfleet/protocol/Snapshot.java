package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A snapshot as restic lists it. Of many or long paths and tags it has the first ones, and a marker of the others.
 *
 * @param id 64 hexadecimal digits
 * @param shortId the first 8 of them
 * @param parent absent also of a snapshot that was reported by its backup and was not listed since
 * @param tree absent also of a snapshot that was reported by its backup and was not listed since
 * @param totalFiles number of files in it; restic before 0.17 does not list it, and only the host that made it knows
 * @param totalBytes size of its files before compression; known as the number of files is
 * @param dataAdded bytes that were new to the repository, before compression; absent from restic before 0.17
 * @param dataAddedPacked the same as stored; absent from restic before 0.17
 * @param original id of the snapshot that this one is a copy or a changed version of; absent for none. In JSON left out if
 *     absent
 */
public record Snapshot(
        String id,
        String shortId,
        Instant time,
        String hostname,
        String username,
        List<String> paths,
        List<String> tags,
        Optional<String> parent,
        Optional<String> tree,
        Optional<String> programVersion,
        Optional<Long> totalFiles,
        Optional<Long> totalBytes,
        Optional<Long> dataAdded,
        Optional<Long> dataAddedPacked,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> original) {

    /** A list of 1,000 snapshots fits into memory, and the whole of each into 32 KiB. */
    private static final int PATHS_BYTES = 12 * 1024;

    private static final int TAGS_BYTES = 4 * 1024;

    private static final Pattern FULL_ID = Pattern.compile("[0-9a-f]{64}");

    public Snapshot {
        id = Limit.cut(id, Limit.NAME);
        shortId = Limit.cut(shortId, Limit.NAME);
        hostname = Limit.cut(hostname, Limit.NAME);
        username = Limit.cut(username, Limit.NAME);
        paths = Limit.cutJson(paths, PATHS_BYTES);
        tags = Limit.cutJson(tags, TAGS_BYTES);
        parent = Limit.cut(parent, Limit.NAME);
        tree = Limit.cut(tree, Limit.NAME);
        programVersion = Limit.cut(programVersion, Limit.NAME);
        totalFiles = Limit.count(totalFiles);
        totalBytes = Limit.count(totalBytes);
        dataAdded = Limit.count(dataAdded);
        dataAddedPacked = Limit.count(dataAddedPacked);
        original = original == null ? Optional.empty() : Limit.cut(original, Limit.NAME);
    }

    /** @throws IllegalArgumentException unless it is a snapshot's full id */
    static void checkFullId(String id) {
        if (!FULL_ID.matcher(id).matches()) {
            throw new IllegalArgumentException("a snapshot's full id has 64 hexadecimal digits");
        }
    }

    /** This snapshot with other sizes. */
    public Snapshot withTotals(Optional<Long> files, Optional<Long> bytes) {
        return new Snapshot(
                id,
                shortId,
                time,
                hostname,
                username,
                paths,
                tags,
                parent,
                tree,
                programVersion,
                files,
                bytes,
                dataAdded,
                dataAddedPacked,
                original);
    }
}
