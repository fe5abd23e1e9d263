/**
 * The agents' WebSocket: who is connected, frames in and out, and the handshake. Knows nothing of what is said after it:
 * features reach agents through {@link io.resticfleet.server.link.Agents}, and the root hands in the table of handlers.
 */
package io.resticfleet.server.link;
