package io.resticfleet.server.schedule;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.Wire;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;

/** A schedule and its row, whose lists and groups are JSON. */
public final class ScheduleRow implements RowMapper<Schedule> {

    private static final JsonMapper JSON = Wire.builder().build();
    private static final TypeReference<List<String>> STRINGS = new TypeReference<>() {};

    /** The columns of a schedule that are written otherwise than they are. */
    public record Columns(
            String paths,
            String excludes,
            String tags,
            String retention,
            String options,
            String hooks,
            String catchUp) {}

    static Columns columns(Schedule schedule) {
        return new Columns(
                write(schedule.paths()),
                write(schedule.excludes()),
                write(schedule.tags()),
                write(schedule.retention()),
                write(schedule.options()),
                write(schedule.hooks()),
                schedule.catchUp().toString());
    }

    @Override
    public Schedule map(ResultSet row, StatementContext context) throws SQLException {
        try {
            return new Schedule(
                    row.getString("id"),
                    JobKind.of(row.getString("kind")),
                    row.getString("name"),
                    row.getBoolean("enabled"),
                    row.getBoolean("manual"),
                    Optional.ofNullable(row.getString("cron")),
                    Optional.ofNullable(row.getString("time_zone")),
                    JSON.readValue(row.getString("paths_json"), STRINGS),
                    JSON.readValue(row.getString("excludes_json"), STRINGS),
                    JSON.readValue(row.getString("tags_json"), STRINGS),
                    JSON.readValue(row.getString("retention_json"), RetentionPolicy.class),
                    JSON.readValue(row.getString("options_json"), BackupOptions.class),
                    JSON.readValue(row.getString("hooks_json"), Hooks.class),
                    CatchUp.parse(row.getString("catch_up")),
                    row.getInt("jitter_minutes"));
        } catch (JsonProcessingException e) {
            throw new SQLException("schedule " + row.getString("id") + " is not readable", e);
        }
    }

    /** A list as it is kept in a column. */
    static List<String> strings(String json) throws SQLException {
        try {
            return json.equals("[]") ? List.of() : JSON.readValue(json, STRINGS);
        } catch (JsonProcessingException e) {
            throw new SQLException("a schedule's list is not readable", e);
        }
    }

    private static String write(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write " + value, e);
        }
    }
}
