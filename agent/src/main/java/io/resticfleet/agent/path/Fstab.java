package io.resticfleet.agent.path;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The file systems that the machine's administrator has configured, and those that are mounted. Both are read from files,
 * as a look at a dead mount would hang.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/fstab.5.html">fstab(5)</a>
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html">proc_pid_mountinfo(5)</a>
 */
public record Fstab(Path file) {

    public static final Fstab OF_SYSTEM = new Fstab(Path.of("/etc/fstab"));

    private static final System.Logger log = System.getLogger(Fstab.class.getName());
    private static final Path MOUNTED = Path.of("/proc/self/mountinfo");

    /** Index of the mount point in a line. */
    private static final int IN_FSTAB = 1;

    private static final int IN_MOUNTED = 4;

    private static final Pattern OCTAL = Pattern.compile("\\\\([0-3][0-7]{2})");

    /**
     * Where nothing is mounted although it is configured: the path itself, or the nearest directory above it, other than
     * the root. Empty if there is none, or if the path is on another file system that is mounted.
     */
    public Optional<String> unmounted(Path path) {
        var configured = mountPoints(file, IN_FSTAB);
        if (configured.isEmpty()) {
            return Optional.empty();
        }
        var mounted = mountPoints(MOUNTED, IN_MOUNTED);
        if (mounted.isEmpty()) {
            return Optional.empty(); // unknown
        }
        for (var above = path.normalize(); above.getParent() != null; above = above.getParent()) {
            if (mounted.contains(above.toString())) {
                return Optional.empty();
            }
            if (configured.contains(above.toString())) {
                return Optional.of(above.toString());
            }
        }
        return Optional.empty();
    }

    /** Whether a file system is to be mounted at this very path. */
    public boolean isConfigured(Path path) {
        return mountPoints(file, IN_FSTAB).contains(path.normalize().toString());
    }

    /** Without a slash at the end; none if the file is missing or cannot be read. */
    private static Set<String> mountPoints(Path table, int field) {
        try (var lines = Files.lines(table, StandardCharsets.ISO_8859_1)) {
            return lines.map(String::strip)
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("[ \\t]+"))
                    .filter(fields -> fields.length > field)
                    .map(fields -> decode(fields[field]))
                    .collect(Collectors.toSet());
        } catch (NoSuchFileException e) {
            return Set.of();
        } catch (IOException | UncheckedIOException e) {
            log.log(Level.WARNING, "cannot read " + table + ": " + e.getMessage());
            return Set.of();
        }
    }

    /** @param field each character is one byte; white space is an octal number such as {@code \040} */
    private static String decode(String field) {
        var bytes = OCTAL.matcher(field)
                .replaceAll(escape ->
                        Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(escape.group(1), 8))));
        var path = new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
}
