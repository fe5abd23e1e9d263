package io.resticfleet.server.db;

import java.time.Instant;

/**
 * Why something cannot be stored, or not be trusted, in words for the operator.
 *
 * @param since when it was first noticed
 */
public record StorageTrouble(Cause cause, Instant since) {

    /** What is wrong. A disk that fails is another matter than a damaged database: that one does not heal by itself. */
    public enum Cause {
        FULL(
                "disk_full",
                "the disk with the server's data directory is full",
                "free some space on it; the server goes on by itself then"),
        FAILS(
                "disk_fails",
                "the disk with the server's data directory reports errors",
                "look into the system's log (dmesg) and at the disk; the server goes on by itself when writing works again"),
        READ_ONLY(
                "read_only",
                "the server's database cannot be written: its file system is read-only, or its files belong to somebody else",
                "make the data directory writable for the server; it goes on by itself then"),
        CANNOT_OPEN(
                "cannot_open",
                "the server's database files cannot be opened",
                "see that they are there and may be read and written by the server; it goes on by itself then"),
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

    /** For programs; stays what it is. */
    public String code() {
        return cause.code;
    }

    /** What is wrong and what follows from it, without a full stop. */
    public String words() {
        return cause.words
                + (stopsChanges()
                        ? ", so nothing can be changed here; machines go on with their backups and report later"
                        : "; some of what it holds may be missing or wrong");
    }

    /** What to do, without a full stop. */
    public String advice() {
        return cause.advice;
    }

    /** Whether nothing can be changed meanwhile; a damaged database is used as far as it goes. */
    public boolean stopsChanges() {
        return cause != Cause.DAMAGED;
    }
}
