package io.resticfleet.agent.path;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The file systems that the machine's administrator has configured.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/fstab.5.html">fstab(5)</a>
 */
public record Fstab(Path file) {

    public static final Fstab OF_SYSTEM = new Fstab(Path.of("/etc/fstab"));

    private static final System.Logger log = System.getLogger(Fstab.class.getName());
    private static final Pattern OCTAL = Pattern.compile("\\\\([0-3][0-7]{2})");

    /** The configured mount points, without a slash at the end; none if the file is missing or cannot be read. */
    public Set<String> mountPoints() {
        try (var lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return lines.map(String::strip)
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("[ \\t]+"))
                    .filter(fields -> fields.length > 1)
                    .map(fields -> decode(fields[1]))
                    .collect(Collectors.toSet());
        } catch (NoSuchFileException e) {
            return Set.of();
        } catch (IOException e) {
            log.log(Level.WARNING, "cannot read " + file + ": " + e.getMessage());
            return Set.of();
        }
    }

    /** @param field each character is one byte; white space is an octal number such as {@code \040} */
    private static String decode(String field) {
        var bytes = OCTAL.matcher(field)
                .replaceAll(escape -> String.valueOf((char) Integer.parseInt(escape.group(1), 8))
                        .replace("\\", "\\\\"));
        var path = new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
}
