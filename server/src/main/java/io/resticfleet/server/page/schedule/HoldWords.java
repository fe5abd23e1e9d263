package io.resticfleet.server.page.schedule;

import io.resticfleet.server.retention.Hold;
import java.util.EnumSet;
import java.util.Set;

/** Why nothing of a schedule is removed for now, in words, and what to do about it. */
public final class HoldWords {

    /** Causes that other pages show, or that pass by themselves. */
    private static final Set<Hold.Cause> SHOWN_ELSEWHERE = EnumSet.of(
            Hold.Cause.NO_LISTING,
            Hold.Cause.NO_COMPLETE_BACKUP,
            Hold.Cause.NOT_TRUSTED,
            Hold.Cause.RESTORED,
            Hold.Cause.SHRINK_GUARD,
            Hold.Cause.HARSHER_POLICY);

    private HoldWords() {}

    /** Whether somebody has to look, and nothing else says so. */
    public static boolean isAlarm(Hold hold) {
        return !SHOWN_ELSEWHERE.contains(hold.cause());
    }

    /** Whether an operator can let retention go on. */
    static boolean canBeReleased(Hold hold) {
        return isAlarm(hold) || hold.cause() == Hold.Cause.SHRINK_GUARD;
    }

    /** In sentences. */
    static String advice(Hold hold) {
        return switch (hold.cause()) {
            case NO_LISTING -> "It goes on with the next complete list of the repository.";
            case NO_COMPLETE_BACKUP -> "It goes on with the next complete backup.";
            case NOT_TRUSTED -> "It goes on once the machine is trusted again, under its Settings.";
            case RESTORED -> "It goes on once it is decided, at the top of this page, whose schedules apply.";
            case HARSHER_POLICY ->
                "It goes on by itself 24 hours after the change. Until then nothing is lost if the change was wrong.";
            case SHRINK_GUARD ->
                "Look at that backup, and accept it there if it was meant. Let retention go on here only if the"
                        + " older snapshots are not needed any more.";
            case LONG_GAP ->
                "Look whether the machine, and what it has backed up since, are as they should be. Then let it go on.";
            case CLOCK_JUMP -> "Check the clock of the server and how it is set. Then let it go on.";
            case LISTING_SHRANK ->
                "Find out who removed them: somebody with restic, or an intruder. Then let it go on.";
            case MANY ->
                "That can be right, as after another policy or after snapshots were let count. Look below which ones go."
                        + " Then let it go on.";
        };
    }
}
