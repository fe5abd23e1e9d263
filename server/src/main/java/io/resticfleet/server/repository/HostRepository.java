package io.resticfleet.server.repository;

import io.resticfleet.protocol.RepositoryId;

/**
 * A repository that a host uses.
 *
 * @param url without credentials, in this host's spelling; hosts may spell the URL of one repository differently
 */
public record HostRepository(RepositoryId id, String url) {}
