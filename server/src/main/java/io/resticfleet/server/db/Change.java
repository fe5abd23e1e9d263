package io.resticfleet.server.db;

/**
 * Something that pages show has changed: rows of a table, or what is kept in memory only.
 *
 * @param what a table; of what is in none, such as {@code connection}
 * @param hostId of the host it belongs to; empty if the row names none
 * @param jobId of the job it belongs to; empty if the row names none
 */
public record Change(String what, String hostId, String jobId) {

    /** The disk or the database has a trouble, or is rid of one. */
    static final Change STORAGE = new Change("storage", "", "");

    /** Of a host, in no table. */
    public static Change ofHost(String what, String hostId) {
        return new Change(what, hostId, "");
    }
}
