/**
 * Authentication: users with passwords, their sessions, and API tokens for programs. {@link
 * io.resticfleet.server.auth.AuthGate} runs before every route; {@link io.resticfleet.server.auth.Bootstrap} creates
 * the first user.
 *
 * <p>Secrets are stored as hashes only: Argon2id of passwords, SHA-256 of tokens, which are long and random.
 */
package io.resticfleet.server.auth;
