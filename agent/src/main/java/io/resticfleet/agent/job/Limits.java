package io.resticfleet.agent.job;

import java.time.Duration;

/**
 * How patient the agent is with programs.
 *
 * @param lockPause between two tries at a locked repository, where restic cannot wait itself
 * @param lockPatience after which a locked repository is a failure
 * @param beforeKill what a program gets to end after being asked to
 * @param hook longest run of a hook
 * @param upkeep longest run of a listing of snapshots or of an unlock
 */
public record Limits(Duration lockPause, Duration lockPatience, Duration beforeKill, Duration hook, Duration upkeep) {

    public static final Limits DEFAULT = new Limits(
            Duration.ofSeconds(10),
            Duration.ofMinutes(5),
            Duration.ofSeconds(60),
            Duration.ofHours(1),
            Duration.ofMinutes(5));
}
