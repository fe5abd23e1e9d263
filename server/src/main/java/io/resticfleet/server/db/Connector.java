package io.resticfleet.server.db;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.sqlite.SQLiteConfig;

/** Opens connections to a database file. */
@FunctionalInterface
interface Connector {

    Connection connect(Path file, SQLiteConfig.TransactionMode mode) throws SQLException;
}
