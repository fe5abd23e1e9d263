/** The agent's commands that return: enroll, trust, unit and doctor. */
package io.resticfleet.agent.cli;
