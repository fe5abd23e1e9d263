/**
 * The connection to the server, with reconnecting; and the outbox of results that must reach it.
 *
 * <p>Start at {@link io.resticfleet.agent.link.ServerLink}. This package transports messages and does not interpret
 * them.
 */
package io.resticfleet.agent.link;
