/**
 * The one place that opens SQLite: connections, their settings, migrations, and how Java's values are stored in columns.
 * Features bring their own statements, in package-private {@code …Dao} interfaces, and run them through {@link
 * io.resticfleet.server.db.Database#read} and {@link io.resticfleet.server.db.Database#write}. A record is a row, and a
 * list or a map is JSON, without a mapper of the feature's own.
 */
package io.resticfleet.server.db;
