package io.resticfleet.server.db;

/**
 * A change to what pages show: to rows of a table, or to state in memory only.
 *
 * @param what the name of a table, or of state in memory, such as {@code connection}
 * @param hostId of the host it belongs to; empty if the row has no host
 * @param jobId of the job it belongs to; empty if the row has no job
 */
public record Change(String what, String hostId, String jobId) {

    /** Storage has failed, or works again. */
    static final Change STORAGE = new Change("storage", "", "");

    /** A change to state in memory that belongs to a host. */
    public static Change ofHost(String what, String hostId) {
        return new Change(what, hostId, "");
    }
}
