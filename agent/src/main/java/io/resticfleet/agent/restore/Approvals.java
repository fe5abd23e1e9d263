package io.resticfleet.agent.restore;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.VisibleText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Restores that the policy does not allow and this machine's owner may: the requests, each under a code, and the approvals,
 * each of one exact request, for an hour, for one job. Only {@code restic-fleet-agent approve} makes an approval, which
 * is another process. Safe for use by many threads.
 */
public final class Approvals {

    /** How long an approval can be used. */
    public static final Duration VALID = Duration.ofHours(1);

    private static final Duration KEPT = Duration.ofHours(24);
    private static final Duration USED_KEPT = Duration.ofDays(30);
    private static final int MAX_REQUESTS = 20;

    /** Without letters that look like others, or make words. */
    private static final String LETTERS = "BCDFGHJKMNPQRSTVWXZ";

    private static final int GROUP = 4;
    private static final Pattern CODE = Pattern.compile("[" + LETTERS + "]{4}-[" + LETTERS + "]{4}");
    private static final String JSON = ".json";

    private final StateDirectory state;
    private final InstantSource clock;
    private final Random random;

    public Approvals(StateDirectory state, InstantSource clock) {
        this(state, clock, new SecureRandom());
    }

    Approvals(StateDirectory state, InstantSource clock, Random random) {
        this.state = state;
        this.clock = clock;
        this.random = random;
    }

    /**
     * A request that waits for the owner.
     *
     * @param origin of the snapshot, by the server
     */
    public record Pending(String code, Instant at, RestoreRequest request, String origin) {}

    /** An approval. */
    record Approved(String hash, Instant at, String code) {}

    /**
     * Stores a request, unless it is stored already.
     *
     * @return its code; empty if too many wait
     */
    synchronized Optional<String> request(RestoreRequest request, String origin) {
        var waiting = pending();
        var same = waiting.stream()
                .filter(other -> other.request().equals(request))
                .findFirst();
        if (same.isPresent()) {
            return same.map(Pending::code);
        }
        if (waiting.size() >= MAX_REQUESTS) {
            return Optional.empty();
        }
        var code = letters() + "-" + letters();
        state.directory("restores/requests");
        state.writeJson(file(code), new Pending(code, clock.instant(), request, VisibleText.of(origin)));
        return Optional.of(code);
    }

    private String letters() {
        return IntStream.range(0, GROUP)
                .mapToObj(i -> String.valueOf(LETTERS.charAt(random.nextInt(LETTERS.length()))))
                .reduce("", String::concat);
    }

    /** All that wait; older ones than a day are deleted. */
    private List<Pending> pending() {
        return files("restores/requests").flatMap(file -> read(file).stream()).toList();
    }

    private Optional<Pending> read(Path file) {
        try {
            var found = state.readJson(file, Pending.class);
            if (found.filter(pending -> isRecent(pending.at(), KEPT)).isPresent()) {
                return found;
            }
        } catch (StateDirectory.DamagedFile damaged) {
            state.setAside(file);
            return Optional.empty();
        }
        state.delete(file);
        return Optional.empty();
    }

    /** A request that waits, by its code as somebody typed it. */
    public Optional<Pending> find(String typed) {
        var letters = typed.replaceAll("[\\s-]", "").toUpperCase(Locale.ROOT);
        var code = letters.length() == 2 * GROUP ? letters.substring(0, GROUP) + "-" + letters.substring(GROUP) : "";
        return CODE.matcher(code).matches() ? read(state.root().resolve(file(code))) : Optional.empty();
    }

    /** Approves a request. */
    public void approve(Pending pending) {
        state.directory("restores/approvals");
        var hash = pending.request().hash();
        state.writeJson("restores/approvals/" + hash + JSON, new Approved(hash, clock.instant(), pending.code()));
        state.delete(state.root().resolve(file(pending.code())));
    }

    /** Whether the owner has approved this within the hour, and no job has used that. */
    boolean approved(RestoreRequest request) {
        return isValid(approval(request), request);
    }

    private boolean isValid(Path file, RestoreRequest request) {
        try {
            return state.readJson(file, Approved.class)
                    .filter(approved -> approved.hash().equals(request.hash()) && isRecent(approved.at(), VALID))
                    .isPresent();
        } catch (StateDirectory.DamagedFile damaged) {
            return false;
        }
    }

    /**
     * Uses an approval for a job, which can do so again after a restart of the agent within the hour.
     *
     * @return whether there is one
     */
    synchronized boolean use(RestoreRequest request, JobId jobId) {
        var used = state.root().resolve("restores/approvals/" + request.hash() + "." + jobId + ".used");
        if (Files.exists(used)) {
            return isValid(used, request);
        }
        if (!approved(request)) {
            return false;
        }
        try {
            Files.move(approval(request), used, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use the approval of a restore", e);
        }
        files("restores/approvals").filter(this::isOld).forEach(state::delete);
        return true;
    }

    private boolean isOld(Path file) {
        try {
            return Files.getLastModifiedTime(file).toInstant().plus(USED_KEPT).isBefore(clock.instant());
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isRecent(Instant at, Duration limit) {
        var now = clock.instant();
        return !at.isAfter(now.plus(limit)) && at.plus(limit).isAfter(now);
    }

    private Path approval(RestoreRequest request) {
        return state.root().resolve("restores/approvals/" + request.hash() + JSON);
    }

    private static String file(String code) {
        return "restores/requests/" + code + JSON;
    }

    private Stream<Path> files(String directory) {
        var path = state.root().resolve(directory);
        try (var files = Files.isDirectory(path) ? Files.list(path) : Stream.<Path>empty()) {
            return files.filter(file -> !file.getFileName().toString().startsWith(".")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + path, e);
        }
    }
}
