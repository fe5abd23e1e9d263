package io.resticfleet.server.drill;

/** How long a restore took. */
record RestoreMeasure(long files, long bytes, double seconds) {}
