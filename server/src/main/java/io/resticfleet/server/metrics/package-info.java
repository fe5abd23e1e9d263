/** Figures for Prometheus: what the status and the database hold, in its text formats. */
package io.resticfleet.server.metrics;
