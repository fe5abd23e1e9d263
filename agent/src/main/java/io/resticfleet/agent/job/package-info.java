/**
 * Jobs, one at a time: accepted into a journal, run, and reported.
 *
 * <p>A job is a sequence of steps, each a program in its own directory. After a restart of the agent, the job's code
 * runs again from its beginning: steps that have ended are read, a step that is still running is taken over, and only
 * those not yet started are started. So resuming needs no code of its own.
 */
package io.resticfleet.agent.job;
