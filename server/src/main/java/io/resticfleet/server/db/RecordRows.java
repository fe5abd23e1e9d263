package io.resticfleet.server.db;

import io.resticfleet.protocol.Id;
import java.lang.reflect.Type;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.config.ConfigRegistry;
import org.jdbi.v3.core.generic.GenericTypes;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.mapper.RowMapperFactory;
import org.jdbi.v3.core.mapper.reflect.ColumnNameMatcher;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/**
 * Maps rows to records: each component is read from the column of its name, in snake case. The suffix of a column that
 * only describes the storage format, as in {@code tags_json} and {@code trigger_word}, is not part of the component's
 * name.
 *
 * <p>Registered once: annotations on a {@code …Dao} would reflect on the record at each call. Safe for use by many
 * threads.
 */
final class RecordRows implements RowMapperFactory, ColumnNameMatcher {

    private final Map<Type, RowMapper<?>> mappers = new ConcurrentHashMap<>();
    private final Map<String, String> columns = new ConcurrentHashMap<>();

    @Override
    public Optional<RowMapper<?>> build(Type type, ConfigRegistry config) {
        return isRow(GenericTypes.getErasedType(type)) && !JsonColumns.isJson(type)
                ? Optional.of(mappers.computeIfAbsent(
                        type, row -> new CachedRowMapper<>(ConstructorMapper.of(GenericTypes.getErasedType(row)))))
                : Optional.empty();
    }

    /** Not of an id, which is one column. */
    private static boolean isRow(Class<?> type) {
        return type.isRecord() && !Id.class.isAssignableFrom(type);
    }

    @Override
    public boolean columnNameMatches(String column, String component) {
        var plain = columns.computeIfAbsent(component, RecordRows::snakeCase);
        return column.startsWith(plain) && isFormatSuffix(column.substring(plain.length()));
    }

    private static boolean isFormatSuffix(String suffix) {
        return suffix.isEmpty() || suffix.equals("_json") || suffix.equals("_word");
    }

    private static String snakeCase(String component) {
        return component.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }
}
