package io.resticfleet.protocol;

import java.util.List;

/**
 * How restic reads and sends.
 *
 * @param oneFileSystem do not cross into other file systems
 * @param excludeCaches leave out directories that hold a CACHEDIR.TAG
 * @param limitUploadKib upload at most so many KiB a second; 0 is no limit
 */
public record BackupOptions(boolean oneFileSystem, boolean excludeCaches, int limitUploadKib) {

    public static final BackupOptions NONE = new BackupOptions(false, false, 0);

    /** What is wrong with these options; empty if nothing. */
    public List<Violation> violations() {
        return limitUploadKib >= 0
                ? List.of()
                : List.of(new Violation(
                        "options.limit_upload_kib",
                        "invalid_option",
                        "limit_upload_kib must be 0 (no limit) or more but is " + limitUploadKib));
    }
}
