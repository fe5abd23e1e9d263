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

/** The settings of the server's last start, stored in its database, so that a copy shows how to set up a new server. */
public final class RecordedSettings {

    private RecordedSettings() {}

    /** Records the settings if they have changed; skipped while the database cannot be written. */
    public static void note(Database db, ServerConfig config) {
        if (db.read(RecordedSettings::all).equals(config.given())) {
            return;
        }
        db.note(tx -> {
            var dao = tx.attach(RecordedSettingDao.class);
            dao.clear();
            config.given().forEach(dao::insert);
        });
    }

    /** The settings in a database file, sorted by environment variable; empty if there is none, or no such table yet. */
    public static Map<String, String> in(Path database) {
        return Files.exists(database) ? DatabasePeek.into(database, RecordedSettings::ifAny) : Map.of();
    }

    /** As {@link #in}, without unknown settings; empty if the database cannot be read. */
    public static Map<String, String> usableIn(Path database) {
        try {
            var settings = new TreeMap<>(in(database));
            settings.keySet()
                    .removeIf(name -> ServerConfig.SETTINGS.stream()
                            .noneMatch(setting -> setting.name().equals(name)));
            return settings;
        } catch (OperatorError e) {
            return Map.of(); // reported when the database is opened
        }
    }

    private static Map<String, String> ifAny(Handle handle) {
        return handle.attach(RecordedSettingDao.class).exists() ? all(handle) : Map.of();
    }

    private static Map<String, String> all(Handle handle) {
        return new TreeMap<>(handle.attach(RecordedSettingDao.class).all());
    }
}
