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

/** Observes all messages to and from the server, and keeps what the checker needs. */
final class History {

    /** Random values that no seed determines, such as those of SQLite; they are only compared for equality. */
    private static final Pattern UNSEEDED =
            Pattern.compile("(\"(?:nonce|agent_nonce|instance_id|signature|epoch|server_epoch)\":\")([^\"]+)");

    private final Timeline timeline;
    private final Simulation.Verbosity verbosity;
    private final Map<String, TreeMap<Long, ToServer.Result>> sent = new HashMap<>();
    private final Map<String, Long> versions = new HashMap<>();

    /** A number for each of them, by first appearance. */
    private final Map<String, Integer> numbers = new HashMap<>();

    private final List<Acked> acked = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private long events;
    private long hash;

    History(Timeline timeline, Simulation.Verbosity verbosity) {
        this.timeline = timeline;
        this.verbosity = verbosity;
    }

    /** Records an event. */
    void note(String text) {
        events++;
        var what = UNSEEDED.matcher(text)
                .replaceAll(match -> match.group(1) + numbers.computeIfAbsent(match.group(2), any -> numbers.size()));
        hash = hash * 31 + (timeline.nanos() + what).hashCode();
        if (verbosity == Simulation.Verbosity.VERBOSE) {
            System.out.println(timeline.instant() + " " + what);
        }
    }

    /** An agent has passed a message to its connection, which may not deliver it. */
    void agentSent(String node, String frame) {
        note(node + " > " + frame);
        try {
            var message = Wire.decodeToServer(frame);
            if (message instanceof ToServer.Result result) {
                sent.computeIfAbsent(node, any -> new TreeMap<>()).put(result.sequence(), result);
            } else if (message instanceof ToServer.ScheduleAck ack) {
                long before = versions.getOrDefault(node, 0L);
                if (ack.version() < before) {
                    failed(node + " applies version " + ack.version() + " after " + before);
                }
                versions.put(node, ack.version());
            }
        } catch (Wire.UnreadableMessage e) {
            failed(node + " sends an unreadable message: " + frame);
        }
    }

    void serverSent(String node, String frame) {
        note(node + " < " + frame);
        try {
            if (Wire.decodeToAgent(frame) instanceof ToAgent.EventAck ack) {
                var results = sent.computeIfAbsent(node, any -> new TreeMap<>()).headMap(ack.sequence(), true);
                results.values().forEach(result -> acked.add(new Acked(node, result, timeline.instant())));
                results.clear();
            }
        } catch (Wire.UnreadableMessage e) {
            failed("the server sends an unreadable message: " + frame);
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

    /** One entry per acknowledgement. */
    List<Acked> acked() {
        return acked;
    }

    /** The same for two runs with the same events. */
    String fingerprint() {
        return events + "-" + Long.toHexString(hash);
    }
}
