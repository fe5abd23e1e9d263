/**
 * The agents' WebSocket: connections, frames and the handshake. Independent of the messages after it: features send
 * through {@link io.resticfleet.server.link.Agents}, and the root package supplies the handlers.
 */
package io.resticfleet.server.link;
