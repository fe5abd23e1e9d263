package io.resticfleet.server.recovery;

import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.DatabasePeek;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.secret.SecretBox;
import io.resticfleet.server.secret.Secrets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Checks that the key file fits the secrets in the database.
 *
 * <p>A new key is created only if the database has no secrets: with another key, the existing repository passwords would
 * be lost, unnoticed until a restore.
 */
public final class SecretKeyCheck {

    private SecretKeyCheck() {}

    /**
     * Opens the key file, or creates it if the database has no secrets, and checks it against the database.
     *
     * @throws OperatorError if the file is missing, or opens none of the secrets
     */
    public static Secrets open(ServerConfig config, Database db) {
        var file = config.secretKeyFile();
        boolean isNew = !Files.exists(file) && !db.read(Secrets::any);
        var secrets = new Secrets(isNew ? SecretBox.create(file) : SecretBox.open(file));
        refuseUnlessOneOpens(file, db.read(secrets::check));
        return secrets;
    }

    /**
     * Opens every secret.
     *
     * @return the number of secrets
     * @throws OperatorError if the file is missing, or does not open one of them
     */
    public static int checkAll(ServerConfig config, Database db) {
        var file = config.secretKeyFile();
        if (!Files.exists(file) && !db.read(Secrets::any)) {
            return 0;
        }
        var check = db.read(new Secrets(SecretBox.open(file))::check);
        if (!check.shut().isEmpty()) {
            throw new OperatorError("the key file " + file + " does not open "
                    + check.shut().size() + " of " + check.count() + " secrets; the first of them is "
                    + check.shut().get(0));
        }
        return check.count();
    }

    /**
     * Checks a key against a database file that is not in use, of this version or an older one.
     *
     * @throws OperatorError if it opens none of the secrets
     */
    public static void check(SecretBox box, Path keyFile, Path database) {
        refuseUnlessOneOpens(keyFile, DatabasePeek.into(database, new Secrets(box)::check));
    }

    /** One damaged row must not keep the server from starting; a wrong key opens none. */
    private static void refuseUnlessOneOpens(Path file, Secrets.Check check) {
        if (check.count() > 0 && check.shut().size() == check.count()) {
            throw new OperatorError("the key file " + file + " is not the one that the repository passwords in the"
                    + " database were encrypted with; restore the right file, or name it with"
                    + " RESTIC_FLEET_SECRET_KEY_FILE");
        }
    }
}
