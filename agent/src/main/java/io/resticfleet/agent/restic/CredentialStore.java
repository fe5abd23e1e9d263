package io.resticfleet.agent.restic;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.Pause;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.ToAgent;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * This host's repository and its credentials, and whether it is paused, as last received from the server.
 *
 * <p>Safe for use by many threads.
 */
public final class CredentialStore {

    private static final String FILE = "credentials.json";

    /** For an operator who needs a password that the server has lost. */
    private static final String REPLACED = "replaced-passwords.json";

    private static final int MAX_REPLACED = 20;
    private static final System.Logger log = System.getLogger(CredentialStore.class.getName());

    private final StateDirectory state;
    private volatile Optional<ToAgent.ConfigUpdate> held;

    private CredentialStore(StateDirectory state, Optional<ToAgent.ConfigUpdate> held) {
        this.state = state;
        this.held = held;
    }

    /** Opens the store. A damaged file is set aside; the server sends it again on the next connection. */
    public static CredentialStore open(StateDirectory state) {
        try {
            return new CredentialStore(state, read(state));
        } catch (StateDirectory.DamagedFile e) {
            log.log(
                    Level.ERROR,
                    "the repository and its password were lost, the server sends them again on the next connection;"
                            + " no backup can run until then: " + e.getMessage());
            state.setAside(state.root().resolve(FILE));
            return new CredentialStore(state, Optional.empty());
        }
    }

    /**
     * Reads what is on disk and changes nothing there.
     *
     * @throws StateDirectory.DamagedFile if the file exists and cannot be used
     */
    public static Optional<ToAgent.ConfigUpdate> read(StateDirectory state) {
        return state.readJson(FILE, ToAgent.ConfigUpdate.class);
    }

    /** Replaces the credentials; returns once the new ones are on disk. Repository passwords that they replace are kept. */
    public synchronized void store(ToAgent.ConfigUpdate update) {
        keepReplaced(update);
        state.writeJson(FILE, update);
        held = Optional.of(update);
    }

    /**
     * Keeps the repository passwords that an update replaces: a server that was restored from an older copy may send one that
     * opens nothing any more, and this machine may be the only one that has the right one.
     */
    private void keepReplaced(ToAgent.ConfigUpdate update) {
        var next = all(Optional.of(update));
        var replaced = all().stream()
                .filter(present -> next.stream()
                        .anyMatch(other -> other.url().equals(present.url())
                                && !other.repoPassword().equals(present.repoPassword())))
                .toList();
        if (!replaced.isEmpty()) {
            state.writeJson(
                    REPLACED,
                    new Replaced(Stream.concat(replaced.stream(), readReplaced().stream())
                            .distinct()
                            .limit(MAX_REPLACED)
                            .toList()));
        }
    }

    private List<Repository> readReplaced() {
        try {
            return state.readJson(REPLACED, Replaced.class)
                    .map(Replaced::repositories)
                    .orElse(List.of());
        } catch (StateDirectory.DamagedFile e) {
            state.setAside(state.root().resolve(REPLACED));
            return List.of();
        }
    }

    /** @param repositories with passwords that were replaced, the last first */
    record Replaced(List<Repository> repositories) {}

    public Optional<ToAgent.ConfigUpdate> find() {
        return held;
    }

    /** The last pause of this host, which may have ended by itself; absent if there is none. */
    public Optional<Pause> pause() {
        return held.flatMap(ToAgent.ConfigUpdate::pause);
    }

    public Redactor redactor() {
        return Redactor.of(all());
    }

    /** What is held, once for each repository of this host, which comes first there. */
    public List<ToAgent.ConfigUpdate> each() {
        return each(held);
    }

    /** As {@link #each()}, of what was read. */
    public static List<ToAgent.ConfigUpdate> each(Optional<ToAgent.ConfigUpdate> read) {
        return read.stream()
                .flatMap(config -> config.repositories().isEmpty()
                        ? Stream.of(config)
                        : config.repositories().get().stream().flatMap(one -> config.at(one.repositoryId()).stream()))
                .toList();
    }

    /** All repositories of this host. */
    public List<Repository> all() {
        return all(held);
    }

    private static List<Repository> all(Optional<ToAgent.ConfigUpdate> update) {
        return update.stream()
                .flatMap(config -> Stream.concat(
                        Stream.of(config.repository()),
                        config.repositories().stream().flatMap(List::stream).map(ToAgent.HostRepository::repository)))
                .distinct()
                .toList();
    }

    public Optional<Repository> repository() {
        return held.map(ToAgent.ConfigUpdate::repository);
    }
}
