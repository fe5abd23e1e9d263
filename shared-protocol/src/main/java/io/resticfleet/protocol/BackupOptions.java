package io.resticfleet.protocol;

import java.util.List;

/**
 * How restic reads and uploads files.
 *
 * @param oneFileSystem do not cross file system boundaries
 * @param excludeCaches exclude directories that contain a CACHEDIR.TAG
 * @param limitUploadKib upload limit in KiB/s; 0 for none
 */
public record BackupOptions(boolean oneFileSystem, boolean excludeCaches, int limitUploadKib) {

    public static final BackupOptions NONE = new BackupOptions(false, false, 0);

    /** Problems of these options; empty if there are none. */
    public List<Violation> violations() {
        return limitUploadKib >= 0
                ? List.of()
                : List.of(new Violation(
                        "options.limit_upload_kib",
                        "invalid_option",
                        "limit_upload_kib must be 0 (no limit) or more but is " + limitUploadKib));
    }
}
