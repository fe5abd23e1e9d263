/** The commands of the agent that end by themselves: enroll, trust, unit and doctor. */
package io.resticfleet.agent.cli;
