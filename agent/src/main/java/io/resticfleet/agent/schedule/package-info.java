/**
 * What to do and when: the schedule set last received from the server, and the planner that decides what is due.
 *
 * <p>Nothing here runs anything; the planner calls {@link io.resticfleet.agent.schedule.DueListener}.
 */
package io.resticfleet.agent.schedule;
