/**
 * The agent: {@link io.resticfleet.agent.Main} reads the command line, {@link io.resticfleet.agent.Agent} wires the parts.
 *
 * <p>{@code schedule} notices what is due, {@code job} runs it by {@code restic}, {@code link} tells the server, and {@code
 * state} keeps it all on disk. The only package that reads the real clock.
 */
package io.resticfleet.agent;
