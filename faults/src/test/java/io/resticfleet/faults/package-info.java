/**
 * Server and agents as they are, in one process, in a world that is not real: its time, its network, its disks and its
 * restic obey a plan that one number decides.
 *
 * <p>{@link io.resticfleet.faults.Simulation} is one run; {@link io.resticfleet.faults.Checker} tells what was lost or
 * doubled in it, knowing nothing of how the system works.
 */
package io.resticfleet.faults;
