package io.resticfleet.agent.restic;

import io.resticfleet.agent.state.StateDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * restic's cache of its repositories. restic writes it without fsync, so a power cut may leave files that are empty or
 * full of zeros; what is removed here, restic fetches again.
 *
 * <p>Safe for use by many threads.
 */
public final class ResticCache {

    private static final System.Logger log = System.getLogger(ResticCache.class.getName());

    private static final String NAME = "cache";

    /** With less space, what restic adds to its cache could fill the disk. */
    private static final long INDEX_BYTES = 16L * 1024 * 1024;

    private static final Pattern NUMBER = Pattern.compile("\\d+\\s*");

    /**
     * restic's errors about an unusable cache, or, before 0.18, about the repository when its cached copy is damaged.
     */
    private static final Pattern CACHE_ERROR = Pattern.compile(
            "unable to open cache|invalid data returned|could not be loaded|failed loading snapshot|nonce is invalid"
                    + "|ciphertext verification failed");

    private final StateDirectory state;

    public ResticCache(StateDirectory state) {
        this.state = state;
    }

    /** The cache directory, without repositories that no restic can open: since 0.19 those are fatal. */
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

    /** Whether the cache may be the cause of a failure. */
    public boolean mayHaveCaused(String stderr) {
        var lines = ErrorLines.of(stderr);
        return (lines.find(CACHE_ERROR).isPresent() || lines.lines().stream().anyMatch(this::namesFullCache))
                && !state.placesOf(NAME).stream().allMatch(ResticCache::isEmpty);
    }

    /** Whether the disk filled up while restic ran: a backup fails then, though it could do without its cache. */
    private boolean namesFullCache(String line) {
        return line.contains("no space left on device")
                && state.placesOf(NAME).stream().anyMatch(place -> line.contains(place.toString()));
    }

    /**
     * The whole id of a snapshot that restic has just made, as restic caches what it writes.
     *
     * @param digits the first ones of it, at least two
     * @return absent if there is none in the cache, or several
     */
    public Optional<String> snapshotId(String digits) {
        var found = state.placesOf(NAME).stream()
                .flatMap(place -> entries(place).stream())
                .flatMap(
                        repository -> entries(repository.resolve("snapshots").resolve(digits.substring(0, 2))).stream())
                .map(file -> file.getFileName().toString())
                .filter(id -> id.startsWith(digits))
                .distinct()
                .toList();
        return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
    }

    private static List<Path> entries(Path directory) {
        try (var entries = Files.list(directory)) {
            return entries.toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of(); // not there
        }
    }

    /** Removes all of it. */
    public void remove() {
        state.placesOf(NAME).forEach(this::remove);
    }

    private void remove(Path directory) {
        if (Files.exists(directory)) {
            log.log(
                    Level.WARNING,
                    "restic's cache cannot be used, as after a power cut or on a full disk; restic creates it again"
                            + " directory=" + directory);
            state.deleteTree(directory);
        }
    }

    /** Whether restic can read the version. A cache without one is new: restic writes it. */
    private static boolean hasVersion(Path repository) throws IOException {
        var file = repository.resolve("version");
        return !Files.exists(file)
                || NUMBER.matcher(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .matches();
    }

    private static boolean isEmpty(Path directory) {
        return entries(directory).isEmpty();
    }
}
