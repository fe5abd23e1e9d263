package io.resticfleet.agent.link;

import java.time.Duration;

/**
 * How patient the link is.
 *
 * @param connect longest wait for a connection
 * @param handshake longest from there to the server's welcome
 * @param silence after which the server is taken for dead; looked at every second. With the longest pause between two
 *     pings less than a minute: over a line that is dead towards the server, one more arrives
 * @param firstRetry wait after the first failure; doubles with each
 * @param lastRetry longest wait between two tries
 * @param afterCut longest wait before the first try after a good connection: a server that starts again is dialled by
 *     all of its agents
 * @param lasted a connection that stood so long was a good one
 * @param afterRejection wait after a refusal that the server calls permanent
 * @param afterDisplacement longest wait, and half of it the shortest, after another agent of this identity has connected
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
