package io.resticfleet.agent.restic;

import io.resticfleet.agent.state.StateDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What restic keeps of its repositories on this machine. It writes that without seeing to it that it reaches the disk, so a
 * power cut may leave files that are empty, or full of zeros; whatever is removed here, restic fetches again.
 *
 * <p>Safe for use by many threads.
 */
public final class ResticCache {

    private static final System.Logger log = System.getLogger(ResticCache.class.getName());

    private static final String NAME = "cache";

    /** With less room, what restic adds to its cache could take the last of it. */
    private static final long INDEX_BYTES = 16L * 1024 * 1024;

    private static final Pattern NUMBER = Pattern.compile("\\d+\\s*");

    /**
     * What restic says of a cache that it cannot use, or, before 0.18, of the repository when the copy in the cache is
     * damaged.
     */
    private static final Pattern TROUBLE = Pattern.compile(
            "unable to open cache|invalid data returned|could not be loaded|failed loading snapshot|nonce is invalid"
                    + "|ciphertext verification failed");

    private final StateDirectory state;

    public ResticCache(StateDirectory state) {
        this.state = state;
    }

    /** Where restic is to keep it. What no restic can open is not there any more: since 0.19 that is fatal. */
    Path directory() {
        var directory = state.roomyDirectory(NAME, INDEX_BYTES);
        try (var repositories =
                Files.newDirectoryStream(directory, (DirectoryStream.Filter<Path>) Files::isDirectory)) {
            for (var repository : repositories) {
                if (!hasVersion(repository)) {
                    remove(repository);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
        return directory;
    }

    /** Whether the cache may be to blame for what restic said. */
    public boolean suspect(String stderr) {
        return (TROUBLE.matcher(stderr).find() || stderr.lines().anyMatch(this::lacksRoom))
                && !state.placesOf(NAME).stream().allMatch(ResticCache::isEmpty);
    }

    /** A disk that was filled up while restic ran: a backup that could do without its cache fails all the same. */
    private boolean lacksRoom(String line) {
        return line.contains("no space left on device")
                && state.placesOf(NAME).stream().anyMatch(place -> line.contains(place.toString()));
    }

    /** Removes all of it. */
    public void remove() {
        state.placesOf(NAME).forEach(this::remove);
    }

    private void remove(Path directory) {
        if (Files.exists(directory)) {
            log.log(
                    Level.WARNING,
                    "restic's cache cannot be used, as after a power cut or on a full disk; it is made anew directory="
                            + directory);
            state.deleteTree(directory);
        }
    }

    /** A repository's cache that was just begun has no version yet, and restic writes one. */
    private static boolean hasVersion(Path repository) throws IOException {
        var file = repository.resolve("version");
        return !Files.exists(file)
                || NUMBER.matcher(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .matches();
    }

    private static boolean isEmpty(Path directory) {
        try (var files = Files.list(directory)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            return true; // not there
        }
    }
}
