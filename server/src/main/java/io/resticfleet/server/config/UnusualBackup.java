package io.resticfleet.server.config;

/**
 * What makes a backup unusual, so that retention is held.
 *
 * @param lossPercent lost files or bytes, from 1 to 100
 * @param dataBytes of new data that does not compress
 */
public record UnusualBackup(long lossPercent, long dataBytes) {}
