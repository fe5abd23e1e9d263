/**
 * The one place that opens SQLite: connections, their settings, and migrations. Features bring their own statements, in
 * package-private {@code …Dao} interfaces, and run them through {@link io.resticfleet.server.db.Database#read} and {@link
 * io.resticfleet.server.db.Database#write}.
 */
package io.resticfleet.server.db;
