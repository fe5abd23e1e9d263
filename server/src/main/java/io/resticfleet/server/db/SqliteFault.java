package io.resticfleet.server.db;

import java.sql.SQLException;
import java.util.Optional;
import java.util.stream.Stream;
import org.sqlite.NativeLibraryNotFoundException;
import org.sqlite.SQLiteErrorCode;

/** Finds errors of the disk or the database file in an exception. */
public final class SqliteFault {

    /** The low byte of an extended result code is the primary one. */
    private static final int PRIMARY = 0xff;

    private SqliteFault() {}

    /** What is wrong with the disk or the file; empty if the failure is of another kind, such as a constraint. */
    public static Optional<StorageTrouble.Cause> cause(Throwable failure) {
        return all(failure)
                .filter(SQLException.class::isInstance)
                .map(e -> ((SQLException) e).getErrorCode() & PRIMARY)
                .flatMap(code -> cause(code).stream())
                .findFirst();
    }

    /** Whether SQLite's own library, which the driver unpacks, could not be loaded. */
    static boolean isOfLibrary(Throwable failure) {
        return all(failure).anyMatch(NativeLibraryNotFoundException.class::isInstance);
    }

    /** Whether an error of SQLite or its driver is among the causes. */
    static boolean isIn(Throwable failure) {
        return all(failure).anyMatch(SQLException.class::isInstance);
    }

    /** SQLite's message, which contains its result code. */
    static String message(Throwable failure) {
        return all(failure)
                .filter(SQLException.class::isInstance)
                .map(Throwable::getMessage)
                .findFirst()
                .orElseGet(failure::getMessage);
    }

    private static Optional<StorageTrouble.Cause> cause(int code) {
        if (code == SQLiteErrorCode.SQLITE_FULL.code) {
            return Optional.of(StorageTrouble.Cause.FULL);
        } else if (code == SQLiteErrorCode.SQLITE_IOERR.code) {
            return Optional.of(StorageTrouble.Cause.FAILS);
        } else if (code == SQLiteErrorCode.SQLITE_READONLY.code) {
            return Optional.of(StorageTrouble.Cause.READ_ONLY);
        } else if (code == SQLiteErrorCode.SQLITE_CANTOPEN.code) {
            return Optional.of(StorageTrouble.Cause.CANNOT_OPEN);
        } else if (code == SQLiteErrorCode.SQLITE_CORRUPT.code || code == SQLiteErrorCode.SQLITE_NOTADB.code) {
            return Optional.of(StorageTrouble.Cause.DAMAGED);
        }
        return Optional.empty();
    }

    /** The exception with its causes and suppressed exceptions, such as one of a failed rollback. */
    private static Stream<Throwable> all(Throwable failure) {
        return Stream.of(
                        Stream.of(failure),
                        Stream.ofNullable(failure.getCause()).flatMap(SqliteFault::all),
                        Stream.of(failure.getSuppressed()).flatMap(SqliteFault::all))
                .flatMap(each -> each);
    }
}
