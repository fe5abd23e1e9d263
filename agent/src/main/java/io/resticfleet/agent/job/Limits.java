package io.resticfleet.agent.job;

import java.time.Duration;

/**
 * Time limits for programs that the agent runs.
 *
 * @param lockPause time between two tries at a locked repository
 * @param lockPatience time after which a locked repository is a failure
 * @param beforeKill time between SIGINT and SIGKILL
 * @param hook time limit of a hook
 * @param upkeep time limit of listing snapshots and of unlocking
 * @param creation how long another machine may take to create a repository, from its look whether there is one; restic
 *     computes a key meanwhile, which takes seconds
 * @param path time after which a path that does not respond is left out of a backup
 */
public record Limits(
        Duration lockPause,
        Duration lockPatience,
        Duration beforeKill,
        Duration hook,
        Duration upkeep,
        Duration creation,
        Duration path) {

    public static final Limits DEFAULT = new Limits(
            Duration.ofSeconds(10),
            Duration.ofMinutes(5),
            Duration.ofSeconds(60),
            Duration.ofHours(1),
            Duration.ofMinutes(5),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30));
}
