package io.resticfleet.agent.restic;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process, told apart from a later one with the same pid.
 *
 * @param bootId of the boot it was started in
 * @param startTicks its start, in the kernel's clock ticks since boot
 */
record ProcessIdentity(String bootId, long pid, long startTicks) {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /** Reads the wrapper's file: the boot id, then its {@code /proc/…/stat}. */
    static Optional<ProcessIdentity> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        var lines = Files.readAllLines(file);
        return lines.size() < 2 ? Optional.empty() : parse(lines.get(0).strip(), lines.get(1));
    }

    boolean alive() {
        try {
            if (!Files.readString(BOOT_ID).strip().equals(bootId)) {
                return false;
            }
            var stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return parse(bootId, stat).filter(this::equals).isPresent() && !stat.contains(") Z ");
        } catch (IOException e) {
            return false; // no such process
        }
    }

    /** Counts fields from the closing parenthesis, as the command before it may contain spaces. */
    private static Optional<ProcessIdentity> parse(String bootId, String stat) {
        int end = stat.lastIndexOf(')');
        var fields = stat.substring(end + 1).strip().split(" ");
        if (end < 0 || fields.length < 20) {
            return Optional.empty();
        }
        var pid = Long.parseLong(stat.substring(0, stat.indexOf(' ')));
        return Optional.of(new ProcessIdentity(bootId, pid, Long.parseLong(fields[19])));
    }
}
