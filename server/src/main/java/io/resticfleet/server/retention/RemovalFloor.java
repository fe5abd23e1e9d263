package io.resticfleet.server.retention;

import java.time.Duration;

/**
 * What no policy removes. The age is what bounds an attacker: a count alone can be filled with worthless snapshots.
 *
 * @param count of the newest snapshots of a schedule
 * @param age since the server first saw a snapshot
 */
public record RemovalFloor(int count, Duration age) {

    public static final RemovalFloor DEFAULT = new RemovalFloor(3, Duration.ofDays(7));
}
