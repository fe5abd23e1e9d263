/**
 * Runs of restic: the one way by which they are started, what agents say of them, their logs, and what did not run.
 *
 * <p>Start at {@link io.resticfleet.server.job.Dispatcher} (who may start what, and when it is sent) and {@link
 * io.resticfleet.server.job.Jobs} (what agents report).
 */
package io.resticfleet.server.job;
