package io.resticfleet.server.repository;

/**
 * The repository that a host uses.
 *
 * @param url without credentials, in this host's spelling; hosts may spell the URL of one repository differently
 */
public record HostRepository(String id, String url) {}
