package io.resticfleet.server.db;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.DrillSample;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobResult;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Snapshot;
import java.lang.reflect.Type;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.argument.ArgumentFactory;
import org.jdbi.v3.core.config.ConfigRegistry;
import org.jdbi.v3.core.generic.GenericTypes;
import org.jdbi.v3.core.mapper.ColumnMapper;
import org.jdbi.v3.core.mapper.ColumnMapperFactory;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Stores lists, maps and some records of the protocol as JSON in one column, and reads them. The records are listed one
 * by one, so that none with secrets is written by accident. Safe for use by many threads.
 */
final class JsonColumns implements ColumnMapperFactory, ArgumentFactory {

    private static final Set<Class<?>> RECORDS = Set.of(
            BackupOptions.class,
            DrillSample.class,
            Hooks.class,
            HostPolicy.class,
            RetentionPolicy.class,
            Snapshot.class);

    private final Map<Type, ColumnMapper<?>> mappers = new ConcurrentHashMap<>();

    /** Whether values of this type are stored as JSON. */
    static boolean isJson(Type type) {
        var erased = GenericTypes.getErasedType(type);
        return erased == List.class
                || erased == Map.class
                || RECORDS.contains(erased)
                || JobResult.class.isAssignableFrom(erased);
    }

    @Override
    public Optional<ColumnMapper<?>> build(Type type, ConfigRegistry config) {
        return isJson(type) ? Optional.of(mappers.computeIfAbsent(type, JsonColumns::mapper)) : Optional.empty();
    }

    private static ColumnMapper<?> mapper(Type type) {
        if (type == JobResult.class) {
            return JsonColumns::result;
        }
        var reader = StoredJson.reader(type);
        return (row, column, context) -> {
            var text = row.getString(column);
            return text == null ? null : StoredJson.read(text, reader);
        };
    }

    /** The result of a job; the kind in the same row determines the record. */
    private static JobResult result(ResultSet row, int column, StatementContext context) throws SQLException {
        var text = row.getString(column);
        return text == null ? null : JobResult.read(JobKind.of(row.getString("kind")), text);
    }

    @Override
    public Optional<Argument> build(Type type, Object value, ConfigRegistry config) {
        return isJson(type)
                ? Optional.of((position, statement, context) ->
                        statement.setString(position, value == null ? null : StoredJson.write(value)))
                : Optional.empty();
    }
}
