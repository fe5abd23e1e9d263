package io.resticfleet.server.link;

import java.time.Instant;

/**
 * One running agent of a host. Several at once mean that the machine was cloned with its identity.
 *
 * @param bootId changes with every boot of its machine
 * @param address where its last connection came from
 * @param since when it first said hello to this server
 */
public record AgentInstance(String hostname, String bootId, String address, Instant since) {}
