/**
 * Simulation: the real server and agents in one process, with time, network, disks and restic simulated from one seed.
 *
 * <p>{@link io.resticfleet.faults.Simulation} is one run; {@link io.resticfleet.faults.Checker} finds what was lost or
 * duplicated in it, without knowledge of how the system works.
 */
package io.resticfleet.faults;
