/**
 * Jobs, one at a time: accepted into a journal, run, and reported.
 *
 * <p>A job is a row of steps, each a program in a directory of its own. When the agent starts again after its own death,
 * the job is gone through once more from its start: a step that has ended is read, one that still runs is taken over,
 * and only what was never begun is begun. So there is no second code for coming back.
 */
package io.resticfleet.agent.job;
