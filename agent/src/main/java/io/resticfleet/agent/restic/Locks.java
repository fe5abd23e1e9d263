package io.resticfleet.agent.restic;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.RepositoryLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Locks of a repository. restic takes one for stale if it is older than 30 minutes, or has this machine's name and no such
 * process exists here. So of two machines with the same name, each takes the other's locks for stale while they are in use.
 *
 * @see <a href="https://github.com/restic/restic/blob/master/internal/restic/lock.go">restic: Lock.Stale</a>
 */
public final class Locks {

    /** A lock that was not refreshed for so long is stale on every machine. */
    public static final Duration STALE = Duration.ofMinutes(30);

    /** Of a lock whose time is more than a minute ahead. */
    static final String AHEAD = "which is in the future, so a clock is wrong, there or here; "
            + "the lock does not become stale until after that time";

    private static final Path NAME = Path.of("/proc/sys/kernel/hostname");

    private Locks() {}

    /** The ids in the output of {@code restic list locks}. */
    public static List<String> ids(String output) {
        return output.lines().filter(line -> line.matches("[0-9a-f]{64}")).toList();
    }

    /** A lock, from the output of {@code restic cat lock}; empty if it is not readable. */
    public static Optional<RepositoryLock> parse(String id, String output) {
        try {
            var lock = Json.FOREIGN.readTree(output);
            return lock == null || !lock.isObject()
                    ? Optional.empty()
                    : Optional.of(new RepositoryLock(
                            id,
                            lock.path("exclusive").asBoolean(),
                            lock.path("hostname").asText("?"),
                            lock.path("username").asText("?"),
                            lock.path("pid").asLong(),
                            lock.path("time").asText("?")));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /**
     * The locks that this machine's restic takes for stale, although another machine with the same name may be using them.
     *
     * @param killed process ids of this agent's restics that were killed
     */
    public static List<RepositoryLock> maybeOfNamesake(List<RepositoryLock> locks, Set<Long> killed, Instant now) {
        return locks.stream()
                .filter(lock -> lock.hostname().equals(machineName())
                        && !killed.contains(lock.pid())
                        && ProcessHandle.of(lock.pid()).isEmpty()
                        && time(lock).filter(at -> at.plus(STALE).isAfter(now)).isPresent())
                .toList();
    }

    /** A lock in words, such as {@code exclusive by root on nas (pid 4711) since 2026-03-01T12:00:00Z}. */
    public static String words(RepositoryLock lock, Instant now) {
        var ahead = time(lock).filter(at -> at.isAfter(now.plus(Duration.ofMinutes(1))));
        return "%s by %s on %s (pid %d) since %s%s"
                .formatted(
                        lock.exclusive() ? "exclusive" : "shared",
                        lock.username(),
                        lock.hostname(),
                        lock.pid(),
                        lock.time(),
                        ahead.map(at -> ", " + AHEAD).orElse(""));
    }

    private static Optional<Instant> time(RepositoryLock lock) {
        try {
            return Optional.of(OffsetDateTime.parse(lock.time()).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The name that restic writes into locks of this machine. */
    private static String machineName() {
        try {
            return Files.readString(NAME).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
