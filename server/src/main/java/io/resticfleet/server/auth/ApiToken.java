package io.resticfleet.server.auth;

import java.time.Instant;
import java.util.Optional;

/**
 * A token with which a program signs in, with the rights of the user who created it.
 *
 * @param name what it is for, chosen by the user
 * @param lastUsedAt up to a minute old; absent until first used
 */
public record ApiToken(String id, String name, Instant createdAt, Optional<Instant> lastUsedAt) {}
