package io.resticfleet.server.secret;

import io.resticfleet.server.db.StoredJson;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Secrets that belong to rows of other tables, sealed in the database. No other class seals or opens them.
 *
 * <p>Each belongs to one row, its owner, written {@code <table>/<id>}; the envelope is bound to this text and opens for
 * no other. A trigger on each table that owns secrets deletes a secret with its owner. Safe for use by many threads.
 */
public final class Secrets {

    private final SecretBox box;

    /** @param box the key that opens them */
    public Secrets(SecretBox box) {
        this.box = box;
    }

    /**
     * Opens a row's secret.
     *
     * @return empty if the row has none
     * @throws IllegalStateException if it does not open with this key, or is damaged; the message contains no part of
     *     the secret
     */
    public <T> Optional<T> find(Handle handle, String owner, Class<T> type) {
        return handle.attach(SecretDao.class).find(owner).map(envelope -> read(box.open(envelope, owner), owner, type));
    }

    /** Seals and stores a row's secret, replacing an earlier one. */
    public void put(Handle tx, String owner, Object value) {
        tx.attach(SecretDao.class).put(owner, box.seal(StoredJson.write(value), owner));
    }

    /** Deletes the secret of a row that stays; harmless if it has none. */
    public void remove(Handle tx, String owner) {
        tx.attach(SecretDao.class).remove(owner);
    }

    /** Owners of all secrets. */
    public static List<String> owners(Handle handle) {
        return all(handle).stream().map(SecretDao.Sealed::owner).toList();
    }

    /** Whether the database has secrets. */
    public static boolean any(Handle handle) {
        return !all(handle).isEmpty();
    }

    /**
     * Result of trying to open all secrets.
     *
     * @param count number of all secrets
     * @param shut owners of the secrets that the key does not open
     */
    public record Check(int count, List<String> shut) {}

    /** Tries to open every secret, also in a database with an older schema. */
    public Check check(Handle handle) {
        var all = all(handle);
        return new Check(
                all.size(),
                all.stream()
                        .filter(secret -> !opens(secret))
                        .map(SecretDao.Sealed::owner)
                        .toList());
    }

    private static List<SecretDao.Sealed> all(Handle handle) {
        var dao = handle.attach(SecretDao.class);
        return dao.exists() ? dao.all() : dao.allBefore0010();
    }

    private boolean opens(SecretDao.Sealed secret) {
        try {
            box.open(secret.envelope(), secret.owner());
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private static <T> T read(String text, String owner, Class<T> type) {
        try {
            return StoredJson.read(text, type);
        } catch (IllegalStateException e) {
            // No cause: it may contain the secret.
            throw new IllegalStateException("the secret of " + owner + " is not readable");
        }
    }
}
