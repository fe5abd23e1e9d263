package io.resticfleet.server.page.text;

import io.resticfleet.server.drill.HostRecovery;
import java.time.Duration;
import java.time.Instant;

/** What would be left of a host that died, in words. */
public final class RecoveryWords {

    private static final int MINUTES_OF_HOURS = 120;
    private static final int HOURS_OF_DAYS = 48;

    private RecoveryWords() {}

    /** Such as {@code you lose at most 6 h, back in about 40 min}; without whether that was proven. */
    public static String of(HostRecovery recovery, Instant now) {
        return loss(recovery, now) + ", "
                + recovery.estimate()
                        .map(estimate -> "back in about " + about(estimate))
                        .orElse("how long a restore takes is not measured yet");
    }

    /** Names the schedules of which no restore was ever proven, if others were. */
    public static String neverProven(HostRecovery recovery) {
        boolean some = recovery.unproven().size() < recovery.backups();
        return some ? English.and(recovery.unproven()) + " never proven" : "never proven";
    }

    private static String loss(HostRecovery recovery, Instant now) {
        if (recovery.backups() == 0) {
            return "everything would be lost, as nothing is backed up";
        }
        if (!recovery.unsaved().isEmpty()) {
            return "everything of " + English.and(recovery.unsaved()) + " would be lost, as "
                    + (recovery.unsaved().size() == 1 ? "it has" : "they have") + " no complete backup";
        }
        return "you lose at most "
                + recovery.lossSince()
                        .map(since -> atMost(Duration.between(since, now)))
                        .orElse("everything");
    }

    /** Rounded up. */
    private static String atMost(Duration span) {
        long minutes = Math.max(1, (span.toSeconds() + 59) / 60);
        if (minutes <= MINUTES_OF_HOURS) {
            return minutes + " min";
        }
        long hours = (minutes + 59) / 60;
        return hours <= HOURS_OF_DAYS ? hours + " h" : Figures.count((hours + 23) / 24) + " days";
    }

    /** Rounded to what an estimate can tell. */
    private static String about(Duration span) {
        long minutes = Math.round(span.toSeconds() / 60.0);
        if (minutes < 1) {
            return Math.max(1, span.toSeconds()) + " s";
        }
        if (minutes <= MINUTES_OF_HOURS) {
            return (minutes < 10 ? minutes : 5 * Math.round(minutes / 5.0)) + " min";
        }
        long hours = Math.round(minutes / 60.0);
        return hours <= HOURS_OF_DAYS ? hours + " h" : Figures.count(Math.round(hours / 24.0)) + " days";
    }
}
