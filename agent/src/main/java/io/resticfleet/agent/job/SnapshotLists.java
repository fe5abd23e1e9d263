package io.resticfleet.agent.job;

import io.resticfleet.agent.link.MessageSource;
import io.resticfleet.agent.restic.CredentialStore;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The lists of snapshots, one for each of the host's repositories. Safe for use by many threads.
 */
public final class SnapshotLists implements MessageSource {

    private final StateDirectory state;
    private final Results results;
    private final Map<Optional<RepositoryId>, SnapshotReports> lists = new LinkedHashMap<>();

    /** Of the last offer on any list, so that the server's answers find their list. */
    private final AtomicLong numbers = new AtomicLong();

    private Runnable wake = () -> {};
    private boolean connected;
    private boolean asked;

    public SnapshotLists(StateDirectory state, Results results) {
        this.state = state;
        this.results = results;
        SnapshotFile.adopt(state);
    }

    /**
     * Opens the lists of the host's repositories, so that they are offered.
     *
     * @param each as {@link CredentialStore#each}
     * @return whether one was never listed since it became the host's; false with an older server
     */
    public boolean follow(List<ToAgent.ConfigUpdate> each) {
        return each.stream().map(config -> of(config).lacks(config)).toList().contains(true);
    }

    /** The list of the repository that comes first here. */
    synchronized SnapshotReports of(ToAgent.ConfigUpdate config) {
        return lists.computeIfAbsent(config.repositoryId(), id -> {
            var list = new SnapshotReports(state, results, id, numbers);
            list.onAdded(wake);
            if (connected) {
                list.reconnected();
            }
            if (asked) {
                list.asked();
            }
            return list;
        });
    }

    /** @param newWake called when there is something to send; must not block */
    public synchronized void onAdded(Runnable newWake) {
        wake = newWake;
        lists.values().forEach(list -> list.onAdded(newWake));
    }

    /** The server asks for the lists. */
    public void asked() {
        each(list -> list.asked(), true, true);
    }

    /** The server's list differs. */
    public void wanted(ToAgent.SnapshotsWanted wanted) {
        all().forEach(list -> list.wanted(wanted));
    }

    /** The server has stored a piece. */
    public void stored(ToAgent.SnapshotsStored stored) {
        all().forEach(list -> list.stored(stored));
    }

    @Override
    public void reconnected() {
        each(SnapshotReports::reconnected, true, false);
    }

    /** The connection has ended. */
    public void disconnected() {
        each(SnapshotReports::disconnected, false, false);
    }

    private void each(Consumer<SnapshotReports> change, boolean nowConnected, boolean nowAsked) {
        List<SnapshotReports> present;
        synchronized (this) {
            connected = nowConnected;
            asked = nowAsked;
            present = List.copyOf(lists.values());
        }
        present.forEach(change);
    }

    private synchronized List<SnapshotReports> all() {
        return List.copyOf(lists.values());
    }

    @Override
    public Optional<ToServer> next() {
        return all().stream().flatMap(list -> list.next().stream()).findFirst();
    }

    @Override
    public boolean allSent() {
        return true; // logs do not wait for the lists
    }
}
