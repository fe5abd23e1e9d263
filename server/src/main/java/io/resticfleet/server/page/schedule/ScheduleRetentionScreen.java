package io.resticfleet.server.page.schedule;

import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.host.HostFrame;
import io.resticfleet.server.retention.Binding;
import io.resticfleet.server.retention.Hold;
import io.resticfleet.server.retention.ScheduleRetention;
import io.resticfleet.server.retention.ScheduleRetention.Seen;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The snapshots of a schedule: what counts, what does not and why, what goes, and why it waits.
 *
 * @param name of the schedule
 * @param policy in words
 */
record ScheduleRetentionScreen(HostFrame host, ScheduleId id, String name, String policy, ScheduleRetention retention)
        implements PageModel {

    /** How many are shown in each list. */
    static final int SHOWN = 500;

    String path(String below) {
        return host.path("schedules") + "/" + id + (below.isEmpty() ? "" : "/" + below);
    }

    long all() {
        return retention.snapshots().size();
    }

    long go() {
        return retention.snapshots().stream().filter(Seen::goes).count();
    }

    Optional<Hold> held() {
        return retention.held();
    }

    boolean canBeReleased() {
        return held().filter(HoldWords::canBeReleased).isPresent();
    }

    String advice() {
        return held().map(HoldWords::advice).orElse("");
    }

    Choice unproven() {
        return choice(snapshot -> snapshot.trust().equals(Optional.of(Binding.Trust.UNPROVEN)));
    }

    Choice uncounted() {
        return choice(snapshot -> snapshot.trust().isEmpty());
    }

    private Choice choice(Predicate<Seen> which) {
        var found = retention.snapshots().stream().filter(which).toList();
        return new Choice(found.stream().limit(SHOWN).toList(), found.size());
    }

    List<Seen> newest() {
        return retention.snapshots().stream().limit(SHOWN).toList();
    }

    /**
     * Snapshots to choose from.
     *
     * @param shown the newest
     * @param all number of all of them
     */
    record Choice(List<Seen> shown, int all) {}

    @Override
    public String template() {
        return "schedule/retention-page.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return host.and();
    }

    /** How sure it is when a snapshot was made, in words. */
    static String trust(Seen snapshot) {
        return snapshot.trust()
                .map(trust -> switch (trust) {
                    case LIVE -> "the server saw it being made";
                    case PROVEN -> "made while away, proven";
                    case UNPROVEN -> "made while away, not proven";
                    case CONFIRMED -> "confirmed";
                    case ADOPTED -> "adopted";
                })
                .orElse("");
    }

    /** Why it stays, without the words that are shown with it already. */
    static String reasons(Seen snapshot) {
        return String.join(", ", snapshot.reasons());
    }

    /** Why it does not count, in words. */
    static String why(Seen snapshot) {
        return reasons(snapshot).replaceFirst("^does not count: ", "");
    }

    static String shortId(Seen snapshot) {
        var full = snapshot.snapshotId();
        return full.substring(0, Math.min(8, full.length()));
    }
}
