/**
 * The connection to the server: dialled, kept, and dialled again; and the outbox of what must reach it.
 *
 * <p>Start at {@link io.resticfleet.agent.link.ServerLink}. Knows how to talk, nothing of what is said.
 */
package io.resticfleet.agent.link;
