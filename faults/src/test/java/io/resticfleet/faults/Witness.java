package io.resticfleet.faults;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Hears all that is said to the server and by it, and keeps what the verdict needs. */
final class Witness {

    private final Timeline timeline;
    private final boolean talks;
    private final Map<String, TreeMap<Long, ToServer.Result>> said = new HashMap<>();
    private final Map<String, Long> versions = new HashMap<>();
    private final List<ToServer.Result> acked = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private long events;
    private long hash;

    /** @param talks says what happens as it happens */
    Witness(Timeline timeline, boolean talks) {
        this.timeline = timeline;
        this.talks = talks;
    }

    /** Something happened. */
    void note(String what) {
        events++;
        hash = hash * 31 + (timeline.nanos() + what).hashCode();
        if (talks) {
            System.out.println(timeline.instant() + " " + what);
        }
    }

    /** An agent hands a message to its connection; whether it arrives is another matter. */
    void agentSaid(String machine, String frame) {
        note(machine + " > " + frame);
        try {
            var message = Wire.decodeToServer(frame);
            if (message instanceof ToServer.Result result) {
                said.computeIfAbsent(machine, any -> new TreeMap<>()).put(result.sequence(), result);
            } else if (message instanceof ToServer.ScheduleAck ack) {
                long before = versions.getOrDefault(machine, 0L);
                if (ack.version() < before) {
                    failed(machine + " obeys version " + ack.version() + " after " + before);
                }
                versions.put(machine, ack.version());
            }
        } catch (Wire.UnreadableMessage e) {
            failed(machine + " says what cannot be read: " + frame);
        }
    }

    void serverSaid(String machine, String frame) {
        note(machine + " < " + frame);
        try {
            if (Wire.decodeToAgent(frame) instanceof ToAgent.EventAck ack) {
                var results =
                        said.computeIfAbsent(machine, any -> new TreeMap<>()).headMap(ack.sequence(), true);
                acked.addAll(results.values());
                results.clear();
            }
        } catch (Wire.UnreadableMessage e) {
            failed("the server says what cannot be read: " + frame);
        }
    }

    void failed(String what) {
        note("FAILED " + what);
        failures.add(what);
    }

    List<String> failures() {
        return failures;
    }

    /** The results that the server has acknowledged. */
    List<ToServer.Result> acked() {
        return acked;
    }

    /** Two runs that went alike have the same. */
    String fingerprint() {
        return events + "-" + Long.toHexString(hash);
    }
}
