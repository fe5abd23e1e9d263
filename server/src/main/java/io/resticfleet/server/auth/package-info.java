/**
 * Who may come in: users with passwords, their sessions, tokens for programs. {@link io.resticfleet.server.auth.AuthGate}
 * stands before every route; {@link io.resticfleet.server.auth.Bootstrap} lets the first user in.
 *
 * <p>What is kept of a secret is a hash: Argon2id of passwords, SHA-256 of tokens that are random and long.
 */
package io.resticfleet.server.auth;
