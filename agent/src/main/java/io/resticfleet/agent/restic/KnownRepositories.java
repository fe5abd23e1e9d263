package io.resticfleet.agent.restic;

import io.resticfleet.agent.state.Storage;
import io.resticfleet.protocol.RepositoryUrl;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which repositories this agent has used with success: one that is gone must not be created anew.
 *
 * <p>Safe for use by many threads.
 */
public final class KnownRepositories {

    private static final String FILE = "known-repositories.json";

    private final Storage storage;
    private final Map<String, Instant> lastUsed;

    /** The file's form. */
    record Content(Map<String, Instant> lastUsed) {}

    private KnownRepositories(Storage storage, Map<String, Instant> lastUsed) {
        this.storage = storage;
        this.lastUsed = lastUsed;
    }

    public static KnownRepositories open(Storage storage) {
        var content = storage.readJson(FILE, Content.class).map(Content::lastUsed);
        return new KnownRepositories(storage, new HashMap<>(content.orElse(Map.of())));
    }

    public synchronized Optional<Instant> lastUsed(RepositoryUrl url) {
        return Optional.ofNullable(lastUsed.get(url.value()));
    }

    public synchronized void used(RepositoryUrl url, Instant at) {
        lastUsed.put(url.value(), at);
        storage.writeJson(FILE, new Content(lastUsed));
    }
}
