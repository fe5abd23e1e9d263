/**
 * Runs restic, from 0.14 to the newest, and reads its output.
 *
 * <p>{@link io.resticfleet.agent.restic.ResticCommand} builds arguments, {@link io.resticfleet.agent.restic.DetachedRun}
 * runs a program that outlives the agent, {@link io.resticfleet.agent.restic.ResticEvent} reads a line of output, and
 * {@link io.resticfleet.agent.restic.ResticFailure} explains a failure. Nothing here knows about jobs.
 */
package io.resticfleet.agent.restic;
