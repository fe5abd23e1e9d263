package io.resticfleet.server.page.host;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.live.Versioned;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.status.HostStatus;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The cards of hosts, each computed once for all viewers in the same time zone and cached until the host changes. Safe for
 * use by many threads.
 */
public final class HostCards {

    /** About 1 KB each; the least recently used are dropped. */
    private static final int MAX_CACHED = 1_000;

    private final HostHistories histories;
    private final Jobs jobs;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, Kept> kept = new LinkedHashMap<>(16, 0.75f, true); // in order of use

    private record Key(HostId hostId, ZoneId zone) {}

    /** A card with what it was computed from. */
    private record Kept(
            HostStatus status,
            LocalDate today,
            HostHistory history,
            Optional<Integer> percent,
            Versioned<HostCard> card) {

        private boolean hasHistoryOf(HostStatus now, LocalDate day) {
            return status == now && today.equals(day);
        }
    }

    public HostCards(HostHistories histories, Jobs jobs) {
        this.histories = histories;
        this.jobs = jobs;
    }

    /** In the order given. */
    public List<Versioned<HostCard>> of(Viewer viewer, List<HostStatus> statuses) {
        var today = viewer.today();
        lock.lock();
        try {
            var read = histories.of(
                    viewer,
                    statuses.stream()
                            .filter(status -> find(viewer, status)
                                    .filter(card -> card.hasHistoryOf(status, today))
                                    .isEmpty())
                            .toList());
            var cards = statuses.stream()
                    .map(status -> card(
                            viewer,
                            status,
                            Optional.ofNullable(read.get(status.host().id()))))
                    .toList();
            trim();
            return cards;
        } finally {
            lock.unlock();
        }
    }

    private Optional<Kept> find(Viewer viewer, HostStatus status) {
        return Optional.ofNullable(kept.get(new Key(status.host().id(), viewer.zone())));
    }

    /** @param read the history, if it was read again; absent if the kept one is current */
    private Versioned<HostCard> card(Viewer viewer, HostStatus status, Optional<HostHistory> read) {
        var before = find(viewer, status);
        var percent = percent(status);
        if (read.isEmpty() && before.orElseThrow().percent().equals(percent)) {
            return before.get().card();
        }
        var history = read.orElseGet(() -> before.orElseThrow().history());
        var card = Versioned.of(HostCard.of(status, history, percent));
        kept.put(new Key(status.host().id(), viewer.zone()), new Kept(status, viewer.today(), history, percent, card));
        return card;
    }

    private Optional<Integer> percent(HostStatus status) {
        return status.open().stream()
                .findFirst()
                .filter(job -> job.status() == JobStatus.RUNNING)
                .flatMap(job -> jobs.progress(job.hostId(), job.id()))
                .map(progress -> (int) Math.round(progress.fractionDone() * 100));
    }

    private void trim() {
        for (var eldest = kept.keySet().iterator(); kept.size() > MAX_CACHED; ) {
            eldest.next();
            eldest.remove();
        }
    }
}
