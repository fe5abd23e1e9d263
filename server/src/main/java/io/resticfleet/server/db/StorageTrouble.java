package io.resticfleet.server.db;

import java.time.Instant;

/**
 * Why data cannot be stored, or is unreliable, described for the operator.
 *
 * @param since when it was first noticed
 */
public record StorageTrouble(Cause cause, Instant since) {

    /** The kind of trouble. A failing disk may recover by itself, a damaged database does not. */
    public enum Cause {
        FULL(
                "disk_full",
                "the disk with the server's data directory is full",
                "free some space on it; the server then continues by itself"),
        FAILS(
                "disk_fails",
                "the disk with the server's data directory reports errors",
                "check the system's log (dmesg) and the disk; the server continues by itself when writing works again"),
        READ_ONLY(
                "read_only",
                "the server's database cannot be written: its file system is read-only, or its files belong to another user",
                "make the data directory writable for the server; it then continues by itself"),
        CANNOT_OPEN(
                "cannot_open",
                "the server's database files cannot be opened",
                "make sure that they exist and that the server may read and write them; it then continues by itself"),
        DAMAGED(
                "damaged",
                "the server's database is damaged",
                "stop the server and restore the newest copy in backups/ of its data directory, with the command"
                        + " restore FILE");

        private final String code;
        private final String words;
        private final String advice;

        Cause(String code, String words, String advice) {
            this.code = code;
            this.words = words;
            this.advice = advice;
        }
    }

    /** Machine-readable; never changes. */
    public String code() {
        return cause.code;
    }

    /** The trouble and its consequence, without a full stop. */
    public String words() {
        return cause.words
                + (stopsChanges()
                        ? ", so nothing can be changed here; machines continue their backups and report later"
                        : "; some of its data may be missing or wrong");
    }

    /** What to do, without a full stop. */
    public String advice() {
        return cause.advice;
    }

    /** Whether changes are refused meanwhile; a damaged database stays in use as far as possible. */
    public boolean stopsChanges() {
        return cause != Cause.DAMAGED;
    }
}
