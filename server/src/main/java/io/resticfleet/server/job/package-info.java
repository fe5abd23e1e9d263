/**
 * Jobs: how they are started, the results and logs that agents report, and missed runs.
 *
 * <p>Start at {@link io.resticfleet.server.job.Dispatcher} (which jobs start, and when they are sent) and {@link
 * io.resticfleet.server.job.Jobs} (what agents report).
 */
package io.resticfleet.server.job;
