package io.resticfleet.server.db;

/**
 * How busy the only connection is that writes.
 *
 * @param writes transactions since the database was opened
 * @param waits those that found it taken and had to wait
 * @param waiting threads that wait now
 */
public record WriterLoad(long writes, long waits, int waiting) {}
