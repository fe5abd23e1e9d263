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
 * The key file and what is sealed with it.
 *
 * <p>A new key is made only for a database with nothing sealed in it: another key over existing envelopes would lose
 * the repository passwords, and nobody would notice before a restore.
 */
public final class SecretKeyCheck {

    private SecretKeyCheck() {}

    /**
     * Opens the key file, or makes it for a database without secrets, and checks that it opens what is there.
     *
     * @throws OperatorError if the file is missing, or is not the one
     */
    public static Secrets open(ServerConfig config, Database db) {
        var file = config.secretKeyFile();
        boolean isNew = !Files.exists(file) && !db.read(Secrets::any);
        var secrets = new Secrets(isNew ? SecretBox.create(file) : SecretBox.open(file));
        refuseUnlessOneOpens(file, db.read(secrets::check));
        return secrets;
    }

    /**
     * Opens everything that is sealed.
     *
     * @return how many secrets there are
     * @throws OperatorError if the file is missing, or one of them does not open
     */
    public static int checkAll(ServerConfig config, Database db) {
        var file = config.secretKeyFile();
        if (!Files.exists(file) && !db.read(Secrets::any)) {
            return 0;
        }
        var check = db.read(new Secrets(SecretBox.open(file))::check);
        if (!check.shut().isEmpty()) {
            throw new OperatorError("the key file " + file + " does not open "
                    + check.shut().size() + " of " + check.count() + " secrets, such as that of "
                    + check.shut().get(0));
        }
        return check.count();
    }

    /**
     * Checks that a key opens what is in a database that is not in use, of this version or an older one.
     *
     * @throws OperatorError if it opens nothing of it
     */
    public static void check(SecretBox box, Path keyFile, Path database) {
        refuseUnlessOneOpens(keyFile, DatabasePeek.into(database, new Secrets(box)::check));
    }

    /** One row may be damaged, and the server should start all the same; another key opens none. */
    private static void refuseUnlessOneOpens(Path file, Secrets.Check check) {
        if (check.count() > 0 && check.shut().size() == check.count()) {
            throw new OperatorError("the key file " + file + " is not the one that the repository passwords in the"
                    + " database were sealed with; put the right one back, or name it with"
                    + " RESTIC_FLEET_SECRET_KEY_FILE");
        }
    }
}
