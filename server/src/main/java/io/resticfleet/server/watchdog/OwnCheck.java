package io.resticfleet.server.watchdog;

/**
 * A check of the server by itself.
 *
 * @param name {@code missed_runs}, {@code alerts}, {@code database} or {@code copy}
 * @param detail what was found, for people
 */
public record OwnCheck(String name, boolean ok, String detail) {}
