package io.resticfleet.server.retention;

/** Whether a snapshot counts for the retention of a schedule. */
public sealed interface Counting permits Binding, Unknown {}
