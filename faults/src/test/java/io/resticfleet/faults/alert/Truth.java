package io.resticfleet.faults.alert;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What is wrong, by what the simulated world has done; not by what the server has found. */
final class Truth {

    enum Level {
        NONE,
        WARNING,
        CRITICAL
    }

    /**
     * A time in which something was wrong.
     *
     * @param known since when a server that stores little more, as on a full disk, may know it; else as {@code from}
     * @param opensAt end of its grace: an alert is due then, and not before
     */
    record Segment(Instant known, Instant from, Instant until, Level level, Instant opensAt, String what) {}

    private static final class Track {
        private final List<Segment> segments = new ArrayList<>();
        private Segment now = NOTHING;
        private Optional<Instant> known = Optional.empty();
    }

    private static final Segment NOTHING =
            new Segment(Instant.MIN, Instant.MIN, Instant.MAX, Level.NONE, Instant.MAX, "");

    private final Map<String, Track> tracks = new LinkedHashMap<>();
    private final Consumer<Instant> deadline;

    /** @param deadline told of each time at which an alert is due, or ends */
    Truth(Consumer<Instant> deadline) {
        this.deadline = deadline;
    }

    /** What is wrong with a subject from now on. */
    void set(String key, Instant now, Level level, Instant opensAt, String what) {
        var track = tracks.computeIfAbsent(key, none -> new Track());
        if (track.now.level() == level
                && (level == Level.NONE || track.now.what().equals(what))) {
            return;
        }
        end(track, now);
        track.now = new Segment(
                track.known.orElse(now), now, Instant.MAX, level, opensAt.isBefore(now) ? now : opensAt, what);
        track.known = Optional.empty();
        deadline.accept(level == Level.NONE ? now : track.now.opensAt());
    }

    /** Something is wrong with a subject, and the server may know it already. */
    void mayBeKnown(String key, Instant now) {
        var track = tracks.computeIfAbsent(key, none -> new Track());
        track.known = track.known.or(() -> Optional.of(now));
    }

    /** What the server may have known turned out to be all right. */
    void wasAllRight(String key) {
        tracks.computeIfAbsent(key, none -> new Track()).known = Optional.empty();
    }

    void clear(String key, Instant now) {
        set(key, now, Level.NONE, Instant.MAX, "");
    }

    private static void end(Track track, Instant now) {
        var ended = track.now;
        if (ended.level() != Level.NONE && ended.from().isBefore(now)) {
            track.segments.add(
                    new Segment(ended.known(), ended.from(), now, ended.level(), ended.opensAt(), ended.what()));
        }
        track.now = NOTHING;
    }

    /** All segments, by key, in order of time; call it at the end. */
    Map<String, List<Segment>> segments(Instant end) {
        var all = new LinkedHashMap<String, List<Segment>>();
        tracks.forEach((key, track) -> {
            end(track, end);
            all.put(key, track.segments);
        });
        return all;
    }
}
