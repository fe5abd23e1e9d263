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

/** With which settings a server ran last, kept in its database: a copy of it then tells how to set up the next one. */
public final class RecordedSettings {

    private RecordedSettings() {}

    /** Notes those in force, unless they are noted already, or nothing can be stored now. */
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
        } catch (OperatorError e) {
            return Map.of(); // whoever needs the database will say so
        }
    }

    private static Map<String, String> ifAny(Handle handle) {
        return handle.attach(RecordedSettingDao.class).exists() ? all(handle) : Map.of();
    }

    private static Map<String, String> all(Handle handle) {
        return new TreeMap<>(handle.attach(RecordedSettingDao.class).all());
    }
}
