package io.resticfleet.server.secret;

import io.resticfleet.server.db.StoredJson;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Secrets of other tables' rows, sealed in the database. Nothing else seals or opens them.
 *
 * <p>Each belongs to one row, its owner, written {@code <table>/<id>}: the envelope is bound to this text and opens for no
 * other. It is removed with its owner, which a trigger does for each table that owns secrets. Safe for use by many threads.
 */
public final class Secrets {

    private final SecretBox box;

    /** @param box the key that opens them */
    public Secrets(SecretBox box) {
        this.box = box;
    }

    /**
     * What a row's secret holds.
     *
     * @return empty if the row has none
     * @throws IllegalStateException if it does not open with this key, or is damaged; nothing of it is in the message
     */
    public <T> Optional<T> find(Handle handle, String owner, Class<T> type) {
        return handle.attach(SecretDao.class).find(owner).map(envelope -> read(box.open(envelope, owner), owner, type));
    }

    /** Seals a row's secret, in the place of the one it has. */
    public void put(Handle tx, String owner, Object value) {
        tx.attach(SecretDao.class).put(owner, box.seal(StoredJson.write(value), owner));
    }

    /** Removes the secret of a row that stays; harmless if it has none. */
    public void remove(Handle tx, String owner) {
        tx.attach(SecretDao.class).remove(owner);
    }

    /** Whether anything is sealed. */
    public static boolean any(Handle handle) {
        return !all(handle).isEmpty();
    }

    /**
     * Which of the secrets this key opens.
     *
     * @param count of all there are
     * @param shut owners of those that it does not open
     */
    public record Check(int count, List<String> shut) {}

    /** Tries to open every secret; also of a database that is older than this program. */
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
            throw new IllegalStateException("the secret of " + owner + " is not readable"); // the cause may repeat it
        }
    }
}
