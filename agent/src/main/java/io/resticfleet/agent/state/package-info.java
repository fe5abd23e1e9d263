/**
 * The agent's directory on disk: atomic, durable writes, and a reserve for when the disk is full.
 *
 * <p>Every other package may use it; it uses none of them.
 */
package io.resticfleet.agent.state;
