package io.resticfleet.server.recovery;

import java.util.Map;
import org.jdbi.v3.sqlobject.config.KeyColumn;
import org.jdbi.v3.sqlobject.config.ValueColumn;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code server_settings} table. Other packages use {@link RecordedSettings}. */
interface RecordedSettingDao {

    /** False for a database of before settings were recorded. */
    @SqlQuery("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'server_settings')")
    boolean exists();

    @SqlQuery("SELECT name, value FROM server_settings")
    @KeyColumn("name")
    @ValueColumn("value")
    Map<String, String> all();

    @SqlUpdate("DELETE FROM server_settings")
    void clear();

    @SqlUpdate("INSERT INTO server_settings (name, value) VALUES (:name, :value)")
    void insert(String name, String value);
}
