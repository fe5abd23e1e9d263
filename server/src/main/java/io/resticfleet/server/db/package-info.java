/**
 * The only package that opens SQLite: connections, their settings, migrations, and the storage of Java values in
 * columns. Features bring their own statements, in package-private {@code …Dao} interfaces, and run them through {@link
 * io.resticfleet.server.db.Database#read} and {@link io.resticfleet.server.db.Database#write}. Rows map to records, and
 * lists and maps to JSON, without mappers in the features.
 */
package io.resticfleet.server.db;
