package io.resticfleet.agent.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the kernel lets this process do.
 *
 * @param effective one bit for each capability
 * @see <a href="https://man7.org/linux/man-pages/man7/capabilities.7.html">capabilities(7)</a>
 */
public record Capabilities(long effective) {

    private static final int CHOWN = 0;
    private static final int OVERRIDE = 1;
    private static final Pattern LINE = Pattern.compile("(?m)^CapEff:\\s*([0-9a-f]{1,16})$");

    /** Of this process; all if that is not known. */
    public static Capabilities own() {
        try {
            var line = LINE.matcher(Files.readString(Path.of("/proc/self/status")));
            return new Capabilities(line.find() ? Long.parseUnsignedLong(line.group(1), 16) : -1);
        } catch (IOException e) {
            return new Capabilities(-1);
        }
    }

    private boolean has(int capability) {
        return (effective >> capability & 1) == 1;
    }

    /** What it means that files cannot be given to others; empty if they can. */
    Optional<String> chownProblem() {
        return has(CHOWN)
                ? Optional.empty()
                : Optional.of(
                        "the agent may not change the owner of files, as when it runs for backups only: restored files"
                                + " belong to the user it runs as");
    }

    /** Why it may not write, in brackets; empty if that is not known. */
    String explain() {
        return has(OVERRIDE) ? " (a read-only file system?)" : " (it runs without root's rights, as for backups only)";
    }
}
