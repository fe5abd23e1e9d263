package io.resticfleet.server.auth;

import java.time.Instant;
import java.util.Optional;

/**
 * A program's way in, with the rights of the user who made it.
 *
 * @param name what it is for, in the user's words
 * @param lastUsedAt up to a minute old; absent until first used
 */
public record ApiToken(String id, String name, Instant createdAt, Optional<Instant> lastUsedAt) {}
