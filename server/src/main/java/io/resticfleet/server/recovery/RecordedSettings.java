package io.resticfleet.server.recovery;

import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.DatabasePeek;
import io.resticfleet.server.db.OperatorError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/** With which settings a server ran last, kept in its database: a copy of it then tells how to set up the next one. */
public final class RecordedSettings {

    private RecordedSettings() {}

    /** Notes those in force, unless they are noted already, or nothing can be stored now. */
    public static void note(Database db, ServerConfig config) {
        if (db.read(RecordedSettings::all).equals(config.given())) {
            return;
        }
        db.note(tx -> {
            tx.execute("DELETE FROM server_settings");
            config.given()
                    .forEach((name, value) -> tx.execute("INSERT INTO server_settings VALUES (?, ?)", name, value));
        });
    }

    /** Those noted in a database, by environment variable and in its order; empty if it is of before they were noted. */
    public static Map<String, String> in(Path database) {
        return Files.exists(database) ? DatabasePeek.into(database, RecordedSettings::ifAny) : Map.of();
    }

    /** As {@link #in}, without those that this program does not know; none of a database that cannot be read. */
    public static Map<String, String> usableIn(Path database) {
        try {
            var settings = new TreeMap<>(in(database));
            settings.keySet()
                    .removeIf(name -> ServerConfig.SETTINGS.stream()
                            .noneMatch(setting -> setting.name().equals(name)));
            return settings;
        } catch (OperatorError | JdbiException e) {
            return Map.of(); // whoever needs the database will say so
        }
    }

    private static Map<String, String> ifAny(Handle handle) {
        boolean noted = handle.createQuery("SELECT count(*) FROM sqlite_schema WHERE name = 'server_settings'")
                        .mapTo(Integer.class)
                        .one()
                == 1;
        return noted ? all(handle) : Map.of();
    }

    private static Map<String, String> all(Handle handle) {
        var settings = new TreeMap<String, String>();
        handle.createQuery("SELECT name, value FROM server_settings")
                .map((row, context) -> Map.entry(row.getString(1), row.getString(2)))
                .forEach(setting -> settings.put(setting.getKey(), setting.getValue()));
        return settings;
    }
}
