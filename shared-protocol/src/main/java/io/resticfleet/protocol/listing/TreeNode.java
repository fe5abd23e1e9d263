package io.resticfleet.protocol.listing;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.WellFormedText;
import java.time.Instant;
import java.util.Optional;

/**
 * A file or directory of a snapshot.
 *
 * @param depth 1 for what is directly in the listed directory
 * @param size in bytes; 0 for what is no file
 * @param mode permissions with setuid, setgid and sticky, as {@code chmod} takes them: 0 to 07777
 * @param user its name when it was saved; empty if it had none
 * @param group its name when it was saved; empty if it had none
 * @param linkTarget of a symbolic link. Some versions of restic have stored U+FFFD for what is no UTF-8 in it
 * @param links hard links to it when it was saved; 0 if unknown
 */
public record TreeNode(
        int depth,
        RawText name,
        NodeType type,
        long size,
        Instant mtime,
        int mode,
        long uid,
        long gid,
        String user,
        String group,
        Optional<RawText> linkTarget,
        long links) {

    /** Far more than what people and programs make. */
    public static final int MAX_DEPTH = 2_048;

    /** Of a name or link target; more than any system has: a whole path has fewer on Linux. */
    public static final int MAX_TEXT_BYTES = 4_096;

    private static final int MAX_OWNER_LENGTH = 256;
    private static final int MAX_MODE = 07777;
    private static final long MAX_ID = 0xffff_ffffL;

    /** Years 0 to 9999. */
    private static final long FIRST_SECOND = -62_167_219_200L;

    private static final long LAST_SECOND = 253_402_300_799L;

    /** @throws IllegalArgumentException if no system has such a file */
    public TreeNode {
        check(depth >= 1 && depth <= MAX_DEPTH, "depth");
        check(name.isName() && name.length() <= MAX_TEXT_BYTES, "name");
        check(size >= 0, "size");
        check(mtime.getEpochSecond() >= FIRST_SECOND && mtime.getEpochSecond() <= LAST_SECOND, "time");
        check(mode >= 0 && mode <= MAX_MODE, "mode");
        check(uid >= 0 && uid <= MAX_ID && gid >= 0 && gid <= MAX_ID, "owner");
        check(isOwner(user) && isOwner(group), "owner");
        check(
                linkTarget.isEmpty()
                        || type == NodeType.SYMLINK && linkTarget.get().length() <= MAX_TEXT_BYTES,
                "link target");
        check(links >= 0, "number of links");
    }

    private static boolean isOwner(String text) {
        return text.length() <= MAX_OWNER_LENGTH && text.indexOf('\0') < 0 && WellFormedText.test(text);
    }

    private static void check(boolean possible, String what) {
        if (!possible) {
            throw new IllegalArgumentException("a file cannot have such a " + what);
        }
    }
}
