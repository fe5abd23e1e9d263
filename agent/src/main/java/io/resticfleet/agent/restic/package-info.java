/**
 * How restic is called, watched and understood, from 0.14 to the newest.
 *
 * <p>{@link io.resticfleet.agent.restic.ResticCommand} builds arguments, {@link io.resticfleet.agent.restic.DetachedRun}
 * runs a program that outlives the agent, {@link io.resticfleet.agent.restic.ResticEvent} reads a line of output, and
 * {@link io.resticfleet.agent.restic.ResticFailure} says in words what went wrong. Nothing here knows of jobs.
 */
package io.resticfleet.agent.restic;
