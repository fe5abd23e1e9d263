package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.SnapshotList;
import io.resticfleet.protocol.LeastKept;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * What the machine's owner allows to be removed of what a server wants removed: only what is in the list, nothing that was
 * first seen too recently, and not the newest of each schedule.
 *
 * @param removable full ids, of those that were wanted
 * @param kept number of those that the owner's rule keeps
 * @param unknown number of those that the list does not have
 * @param total number of all snapshots in the list
 */
record OwnersLeast(List<String> removable, int kept, int unknown, int total) {

    private record Seen(String id, Instant at, Instant time) {
        private static final Comparator<Seen> OLDEST_FIRST =
                Comparator.comparing(Seen::at).thenComparing(Seen::time).thenComparing(Seen::id);
    }

    /**
     * @param stdout restic's complete list
     * @throws IOException if it is not restic's output
     */
    static OwnersLeast of(Path stdout, Set<String> wanted, LeastKept rule, FirstSeen seen, Instant now)
            throws IOException {
        var newest = new HashMap<String, PriorityQueue<Seen>>();
        var listed = new HashMap<String, Instant>();
        int[] total = {0};
        SnapshotList.read(stdout, snapshot -> {
            total[0]++;
            var at = seen.of(snapshot);
            if (wanted.contains(snapshot.id())) {
                listed.put(snapshot.id(), at);
            }
            keep(
                    newest.computeIfAbsent(group(snapshot), name -> new PriorityQueue<>(Seen.OLDEST_FIRST)),
                    rule,
                    snapshot,
                    at);
        });
        var protectedIds = new HashSet<String>();
        newest.values().forEach(queue -> queue.forEach(one -> protectedIds.add(one.id())));
        var floor = now.minus(rule.age().duration());
        var removable = new ArrayList<String>();
        listed.forEach((id, at) -> {
            if (!protectedIds.contains(id) && !at.isAfter(floor)) {
                removable.add(id);
            }
        });
        removable.sort(Comparator.naturalOrder());
        return new OwnersLeast(removable, listed.size() - removable.size(), wanted.size() - listed.size(), total[0]);
    }

    private static void keep(PriorityQueue<Seen> queue, LeastKept rule, Snapshot snapshot, Instant at) {
        queue.add(new Seen(snapshot.id(), at, snapshot.time()));
        if (queue.size() > rule.count()) {
            queue.remove();
        }
    }

    /** Of one schedule, or of what was made without one. */
    private static String group(Snapshot snapshot) {
        return snapshot.hostname() + " "
                + snapshot.tags().stream()
                        .filter(tag -> tag.startsWith(Schedule.TAG_PREFIX))
                        .sorted()
                        .findFirst()
                        .orElse("");
    }
}
