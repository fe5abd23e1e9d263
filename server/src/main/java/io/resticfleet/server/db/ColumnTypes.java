package io.resticfleet.server.db;

import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Id;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.ColumnMapper;
import org.jdbi.v3.core.mapper.reflect.ReflectionMappers;

/** Mappings between Java values and columns, and from rows to records, for every {@code …Dao}. */
final class ColumnTypes {

    private ColumnTypes() {}

    private static <I extends Id> ColumnMapper<I> id(Function<String, I> type) {
        return (row, column, context) ->
                Optional.ofNullable(row.getString(column)).map(type).orElse(null);
    }

    static Jdbi register(Jdbi jdbi) {
        var rows = new RecordRows();
        var json = new JsonColumns();
        return LazyDaos.install(jdbi)
                .configure(ReflectionMappers.class, mappers -> mappers.setColumnNameMatchers(List.of(rows)))
                .registerRowMapper(rows)
                .registerColumnMapper(json)
                .registerArgument(json)
                // JDBI's own mappers also call wasNull after each value, a second call into SQLite.
                .registerColumnMapper(String.class, (row, column, context) -> row.getString(column))
                .registerColumnMapper(boolean.class, (row, column, context) -> row.getBoolean(column))
                .registerColumnMapper(int.class, (row, column, context) -> row.getInt(column))
                .registerColumnMapper(long.class, (row, column, context) -> row.getLong(column))
                .registerArgument(new InstantArgument())
                .registerColumnMapper(Instant.class, (row, column, context) -> {
                    long millis = row.getLong(column);
                    return row.wasNull() ? null : Instant.ofEpochMilli(millis);
                })
                .registerColumnMapper(
                        LocalDate.class, (row, column, context) -> LocalDate.ofEpochDay(row.getLong(column)))
                .registerArgument(new WordArgument())
                .registerColumnMapper(HostId.class, id(HostId::new))
                .registerColumnMapper(JobId.class, id(JobId::new))
                .registerColumnMapper(ScheduleId.class, id(ScheduleId::new))
                .registerColumnMapper(RepositoryId.class, id(RepositoryId::new))
                .registerColumnMapper(CatchUp.class, (row, column, context) -> CatchUp.parse(row.getString(column)))
                .registerColumnMapper(
                        ErrorCode.Reported.class,
                        (row, column, context) -> Optional.ofNullable(row.getString(column))
                                .map(ErrorCode.Reported::new)
                                .orElse(null))
                .registerColumnMapper(JobKind.class, (row, column, context) -> JobKind.of(row.getString(column)))
                .registerColumnMapper(JobStatus.class, (row, column, context) -> JobStatus.of(row.getString(column)))
                .registerColumnMapper(JobTrigger.class, (row, column, context) -> JobTrigger.of(row.getString(column)));
    }
}
