/**
 * What is to be done and when: the schedule set as the server last said it, and the planner that notices what is due.
 *
 * <p>Nothing here runs anything; the planner tells {@link io.resticfleet.agent.schedule.DueListener}.
 */
package io.resticfleet.agent.schedule;
