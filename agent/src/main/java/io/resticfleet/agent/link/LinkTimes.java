package io.resticfleet.agent.link;

import java.time.Duration;

/**
 * Timeouts and pauses of the connection to the server.
 *
 * @param connect time limit for connecting
 * @param handshake time limit from there to the server's welcome
 * @param silence silence after which the server counts as unreachable; checked every second. Together with the longest
 *     interval between two pings less than a minute: on a connection that is dead only towards the server, one more
 *     ping arrives
 * @param firstRetry longest pause after the first failure; doubles with each further one
 * @param lastRetry longest pause between two tries
 * @param afterCut longest pause before the first try after a stable connection, as all agents reconnect to a restarted
 *     server
 * @param lasted duration from which a connection counts as stable
 * @param afterRejection pause after a permanent rejection
 * @param afterDisplacement longest pause, and twice the shortest, after another agent with this identity has connected
 */
public record LinkTimes(
        Duration connect,
        Duration handshake,
        Duration silence,
        Duration firstRetry,
        Duration lastRetry,
        Duration afterCut,
        Duration lasted,
        Duration afterRejection,
        Duration afterDisplacement) {

    public static final LinkTimes DEFAULT = new LinkTimes(
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(40),
            Duration.ofSeconds(1),
            Duration.ofSeconds(60),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofHours(1),
            Duration.ofMinutes(5));
}
