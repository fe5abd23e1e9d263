package io.resticfleet.server.link;

import java.time.Instant;

/**
 * One running agent process of a host. Several at once are clones, as of a copied machine.
 *
 * @param bootId changes with every boot of the machine
 * @param address remote address of its last connection
 * @param since when it sent its first hello to this server
 */
public record AgentInstance(String hostname, String bootId, String address, Instant since) {}
