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
 * The key file and what is sealed with it.
 *
 * <p>A new key is made only for a database with nothing sealed in it: another key over existing envelopes would lose
 * the repository passwords, and nobody would notice before a restore.
 */
public final class SecretKeyCheck {

    private SecretKeyCheck() {}

    /** A secret in its envelope, and the row that it is bound to. */
    private record Sealed(String row, String envelope) {}

    /**
     * Opens the key file, or makes it for a database without secrets, and sees that it opens what is there.
     *
     * @throws OperatorError if the file is missing, or is not the one
     */
    public static SecretBox open(ServerConfig config, Database db) {
        var sealed = db.read(SecretKeyCheck::sealed);
        var file = config.secretKeyFile();
        var box = sealed.isEmpty() && !Files.exists(file) ? SecretBox.create(file) : SecretBox.open(file);
        refuseUnlessOneOpens(box, file, sealed);
        return box;
    }

    /**
     * Opens everything that is sealed.
     *
     * @return how many secrets there are
     * @throws OperatorError if the file is missing, or one of them does not open
     */
    public static int checkAll(ServerConfig config, Database db) {
        var sealed = db.read(SecretKeyCheck::sealed);
        if (!sealed.isEmpty() || Files.exists(config.secretKeyFile())) {
            var box = SecretBox.open(config.secretKeyFile());
            var shut = sealed.stream()
                    .filter(secret -> !opens(box, secret))
                    .map(Sealed::row)
                    .toList();
            if (!shut.isEmpty()) {
                throw new OperatorError("the key file " + config.secretKeyFile() + " does not open " + shut.size()
                        + " of " + sealed.size() + " secrets, such as that of " + shut.get(0));
            }
        }
        return sealed.size();
    }

    /**
     * Sees that a key opens what is in a database that is not in use.
     *
     * @throws OperatorError if it opens nothing of it
     */
    public static void check(SecretBox box, Path keyFile, Path database) {
        refuseUnlessOneOpens(box, keyFile, DatabasePeek.into(database, SecretKeyCheck::sealed));
    }

    /** One row may be damaged, and the server should start all the same; another key opens none. */
    private static void refuseUnlessOneOpens(SecretBox box, Path file, List<Sealed> sealed) {
        if (!sealed.isEmpty() && sealed.stream().noneMatch(secret -> opens(box, secret))) {
            throw new OperatorError("the key file " + file + " is not the one that the repository passwords in the"
                    + " database were sealed with; put the right one back, or name it with"
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

    /** Tokens that were used or have expired hold nothing any more. */
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
