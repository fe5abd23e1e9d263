package io.resticfleet.agent.restic;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.RepositoryUrl;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Repositories that this agent has used successfully: one that is gone must not be created again.
 *
 * <p>Safe for use by many threads.
 */
public final class KnownRepositories {

    private static final String FILE = "known-repositories.json";
    private static final System.Logger log = System.getLogger(KnownRepositories.class.getName());

    private final StateDirectory state;
    private final Map<String, Instant> lastUsed;
    private final Set<String> unproven;

    /**
     * The file's layout.
     *
     * @param unproven see {@link #unproven}; absent if an older agent wrote the file
     */
    record Content(Map<String, Instant> lastUsed, Optional<Set<String>> unproven) {}

    private KnownRepositories(StateDirectory state, Map<String, Instant> lastUsed, Set<String> unproven) {
        this.state = state;
        this.lastUsed = lastUsed;
        this.unproven = unproven;
    }

    /** Opens the list; a damaged one is set aside. */
    public static KnownRepositories open(StateDirectory state) {
        try {
            var content = state.readJson(FILE, Content.class);
            var lastUsed = new HashMap<String, Instant>();
            content.map(Content::lastUsed)
                    .orElse(Map.of())
                    .forEach((url, at) -> lastUsed.merge(canonical(url), at, (a, b) -> a.isAfter(b) ? a : b));
            var unproven = new HashSet<>(content.flatMap(Content::unproven).orElse(Set.of()));
            return new KnownRepositories(state, lastUsed, unproven);
        } catch (StateDirectory.DamagedFile e) {
            log.log(
                    Level.ERROR,
                    "the list of repositories used before was lost; none is created until one has been used: "
                            + e.getMessage());
            state.setAside(state.root().resolve(FILE));
            return new KnownRepositories(state, new HashMap<>(), new HashSet<>());
        }
    }

    /** Earlier agents kept the spelling of the server. */
    private static String canonical(String url) {
        try {
            return new RepositoryUrl(url).value();
        } catch (IllegalArgumentException e) {
            return url;
        }
    }

    /** Whether the list was lost and no repository used since, so that any may have been used before. */
    public synchronized boolean lost() {
        return lastUsed.isEmpty() && state.hasAside(FILE);
    }

    public synchronized Optional<Instant> lastUsed(RepositoryUrl url) {
        return Optional.ofNullable(lastUsed.get(url.value()));
    }

    public synchronized void used(RepositoryUrl url, Instant at) {
        lastUsed.put(url.value(), at);
        save();
    }

    /**
     * Whether this machine began to create the repository, and has not proven since that no other machine did so at the
     * same time.
     */
    public synchronized boolean unproven(RepositoryUrl url) {
        return unproven.contains(url.value());
    }

    /** Records that this machine begins to create the repository. */
    public synchronized void creating(RepositoryUrl url) {
        unproven.add(url.value());
        save();
    }

    /** Records that the repository was created once only, or not by this machine. */
    public synchronized void proven(RepositoryUrl url) {
        unproven.remove(url.value());
        save();
    }

    private void save() {
        state.writeJson(FILE, new Content(lastUsed, Optional.of(unproven)));
    }
}
