package io.resticfleet.faults;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Hears all that is said to the server and by it, and keeps what the checker needs. */
final class History {

    /** What is drawn where no seed reaches, such as by SQLite, and only ever compared. */
    private static final Pattern LOT =
            Pattern.compile("(\"(?:nonce|agent_nonce|instance_id|signature|epoch|server_epoch)\":\")([^\"]+)");

    private final Timeline timeline;
    private final Simulation.Verbosity verbosity;
    private final Map<String, TreeMap<Long, ToServer.Result>> said = new HashMap<>();
    private final Map<String, Long> versions = new HashMap<>();

    /** Each has a number, by when it was seen first. */
    private final Map<String, Integer> lots = new HashMap<>();

    private final List<Acked> acked = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private long events;
    private long hash;

    History(Timeline timeline, Simulation.Verbosity verbosity) {
        this.timeline = timeline;
        this.verbosity = verbosity;
    }

    /** Something happened. */
    void note(String text) {
        events++;
        var what = LOT.matcher(text)
                .replaceAll(lot -> lot.group(1) + lots.computeIfAbsent(lot.group(2), any -> lots.size()));
        hash = hash * 31 + (timeline.nanos() + what).hashCode();
        if (verbosity == Simulation.Verbosity.VERBOSE) {
            System.out.println(timeline.instant() + " " + what);
        }
    }

    /** An agent hands a message to its connection; whether it arrives is another matter. */
    void agentSaid(String node, String frame) {
        note(node + " > " + frame);
        try {
            var message = Wire.decodeToServer(frame);
            if (message instanceof ToServer.Result result) {
                said.computeIfAbsent(node, any -> new TreeMap<>()).put(result.sequence(), result);
            } else if (message instanceof ToServer.ScheduleAck ack) {
                long before = versions.getOrDefault(node, 0L);
                if (ack.version() < before) {
                    failed(node + " obeys version " + ack.version() + " after " + before);
                }
                versions.put(node, ack.version());
            }
        } catch (Wire.UnreadableMessage e) {
            failed(node + " says what cannot be read: " + frame);
        }
    }

    void serverSaid(String node, String frame) {
        note(node + " < " + frame);
        try {
            if (Wire.decodeToAgent(frame) instanceof ToAgent.EventAck ack) {
                var results = said.computeIfAbsent(node, any -> new TreeMap<>()).headMap(ack.sequence(), true);
                results.values().forEach(result -> acked.add(new Acked(node, result, timeline.instant())));
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

    /** A result that the server has acknowledged. */
    record Acked(String node, ToServer.Result result, Instant at) {}

    /** As often as they were acknowledged. */
    List<Acked> acked() {
        return acked;
    }

    /** Two runs that went alike have the same. */
    String fingerprint() {
        return events + "-" + Long.toHexString(hash);
    }
}
