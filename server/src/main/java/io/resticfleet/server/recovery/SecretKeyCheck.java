package io.resticfleet.server.recovery;

import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.DatabasePeek;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.secret.SecretBox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Checks that the key file fits the secrets in the database.
 *
 * <p>A new key is created only if the database has no secrets: with another key, the existing repository passwords would
 * be lost, unnoticed until a restore.
 */
public final class SecretKeyCheck {

    private SecretKeyCheck() {}

    /** A sealed secret, and the row that it is bound to. */
    private record Sealed(String row, String envelope) {}

    /**
     * Opens the key file, or creates it if the database has no secrets, and checks it against the database.
     *
     * @throws OperatorError if the file is missing, or opens none of the secrets
     */
    public static SecretBox open(ServerConfig config, Database db) {
        var sealed = db.read(SecretKeyCheck::sealed);
        var file = config.secretKeyFile();
        var box = sealed.isEmpty() && !Files.exists(file) ? SecretBox.create(file) : SecretBox.open(file);
        refuseUnlessOneOpens(box, file, sealed);
        return box;
    }

    /**
     * Opens every secret.
     *
     * @return the number of secrets
     * @throws OperatorError if the file is missing, or does not open one of them
     */
    public static int checkAll(ServerConfig config, Database db) {
        var sealed = db.read(SecretKeyCheck::sealed);
        if (!sealed.isEmpty() || Files.exists(config.secretKeyFile())) {
            var box = SecretBox.open(config.secretKeyFile());
            var unopened = sealed.stream()
                    .filter(secret -> !opens(box, secret))
                    .map(Sealed::row)
                    .toList();
            if (!unopened.isEmpty()) {
                throw new OperatorError("the key file " + config.secretKeyFile() + " does not open " + unopened.size()
                        + " of " + sealed.size() + " secrets; the first of them is " + unopened.get(0));
            }
        }
        return sealed.size();
    }

    /**
     * Checks a key against a database file that is not in use.
     *
     * @throws OperatorError if it opens none of the secrets
     */
    public static void check(SecretBox box, Path keyFile, Path database) {
        refuseUnlessOneOpens(box, keyFile, DatabasePeek.into(database, SecretKeyCheck::sealed));
    }

    /** One damaged row must not keep the server from starting; a wrong key opens none. */
    private static void refuseUnlessOneOpens(SecretBox box, Path file, List<Sealed> sealed) {
        if (!sealed.isEmpty() && sealed.stream().noneMatch(secret -> opens(box, secret))) {
            throw new OperatorError("the key file " + file + " is not the one that the repository passwords in the"
                    + " database were encrypted with; restore the right file, or name it with"
                    + " RESTIC_FLEET_SECRET_KEY_FILE");
        }
    }

    private static boolean opens(SecretBox box, Sealed secret) {
        try {
            box.open(secret.envelope(), secret.row());
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    /** All sealed secrets. Enrolment tokens that were used or have expired have none. */
    private static List<Sealed> sealed(Handle handle) {
        return handle.createQuery("""
                        SELECT 'host_credentials/' || host_id AS id, repository_sealed FROM host_credentials
                        UNION ALL
                        SELECT 'enrollment_tokens/' || id, repository_sealed
                          FROM enrollment_tokens
                         WHERE repository_sealed <> ''
                        """)
                .map((row, context) -> new Sealed(row.getString(1), row.getString(2)))
                .list();
    }
}
