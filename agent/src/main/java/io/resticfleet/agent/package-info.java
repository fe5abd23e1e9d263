/**
 * The agent: {@link io.resticfleet.agent.Main} reads the command line, {@link io.resticfleet.agent.Agent} wires the parts.
 *
 * <p>{@code schedule} notices what is due, {@code job} runs it by {@code restic}, {@code link} tells the server, and {@code
 * state} keeps it all on disk. {@code config} is what all this is given, {@code cli} the commands beside {@code run}. The
 * only package that reads the real clock.
 */
package io.resticfleet.agent;
