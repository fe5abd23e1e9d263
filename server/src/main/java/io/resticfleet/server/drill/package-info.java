/**
 * Drills: whether restores work, how long they take, and what would be lost if a host died now. {@code Drills} records what
 * jobs report, {@code WeeklyDrills} starts the drills that no schedule asks for, {@code Recoveries} draws the conclusions.
 */
package io.resticfleet.server.drill;
