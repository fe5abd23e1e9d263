package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticEvent;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The errors that a restore prints. restic ends with 1 also if only an attribute could not be set, as on a file system without
 * extended attributes; it has then written all contents, whose checksums it compares as it reads them. (Owners that an agent
 * may not set, as it is not root, are no errors for restic.)
 */
final class RestoreErrors {

    private static final String IGNORED = "ignoring error for ";
    private static final Pattern METADATA = Pattern.compile(
            ".*\\b(lchown|chown|[a-z]*xattr[a-zA-Z.]*|UtimesNano|utimensat)\\b.*(not permitted|not supported).*",
            Pattern.CASE_INSENSITIVE);

    private int metadata;
    private Optional<String> first = Optional.empty();

    void accept(ResticEvent event) {
        if (event instanceof ResticEvent.Text text) {
            text.line().lines().filter(line -> line.startsWith(IGNORED)).forEach(line -> count(line, line));
        } else if (event instanceof ResticEvent.Unreadable unreadable) {
            count(unreadable.why(), unreadable.path() + ": " + unreadable.why());
        }
    }

    /** @param whole with the path of the file */
    private void count(String error, String whole) {
        if (METADATA.matcher(error).matches()) {
            metadata++;
        } else {
            first = first.or(() -> Optional.of(whole));
        }
    }

    /** The first error that concerns a file's content. */
    Optional<String> first() {
        return first;
    }

    /** Whether there were errors, none of them about a file's content. */
    boolean onlyMetadata() {
        return metadata > 0 && first.isEmpty();
    }
}
