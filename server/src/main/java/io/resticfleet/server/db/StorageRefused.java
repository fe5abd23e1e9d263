package io.resticfleet.server.db;

/** Something was not stored, or could not be read, for a reason of the disk. The message says which and what to do. */
public final class StorageRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StorageRefused(StorageTrouble trouble) {
        super(message(trouble));
    }

    StorageRefused(StorageTrouble trouble, Throwable cause) {
        super(message(trouble), cause);
    }

    private static String message(StorageTrouble trouble) {
        return trouble.words() + "; " + trouble.advice();
    }
}
