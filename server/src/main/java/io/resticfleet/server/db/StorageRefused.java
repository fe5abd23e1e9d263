package io.resticfleet.server.db;

/**
 * A write or a read that failed, or was refused, because of the disk. The message describes the trouble and what to do.
 */
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
