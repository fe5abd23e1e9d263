/**
 * The agent: {@link io.resticfleet.agent.Main} parses the command line, {@link io.resticfleet.agent.Agent} wires the
 * parts.
 *
 * <p>{@code schedule} determines what is due, {@code job} runs it with {@code restic}, {@code link} reports to the
 * server, {@code question} answers its questions, {@code policy} limits what it may do, and {@code state} stores
 * everything on disk. {@code config} has settings and environment, {@code cli} the commands besides {@code run}. Only
 * this package reads the real clock.
 */
package io.resticfleet.agent;
