package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.List;

/**
 * How restic reads and uploads files, and what a backup may lack.
 *
 * @param oneFileSystem do not cross file system boundaries
 * @param excludeCaches exclude directories that contain a CACHEDIR.TAG
 * @param limitUploadKib upload limit in KiB/s; 0 for none
 * @param allowSymlink a path may be a symbolic link, of which restic saves the link itself and not its target; in JSON left
 *     out if false
 * @param allowEmpty paths may be empty, or have much less in them than the last time; in JSON left out if false
 */
public record BackupOptions(
        boolean oneFileSystem,
        boolean excludeCaches,
        int limitUploadKib,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonDeserialize(using = FalseIfAbsent.class)
        boolean allowSymlink,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonDeserialize(using = FalseIfAbsent.class)
        boolean allowEmpty) {

    public static final BackupOptions NONE = new BackupOptions(false, false, 0, false, false);

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
