package io.resticfleet.server.repository;

/**
 * The repository that a host uses.
 *
 * @param url without credentials, as it was typed for this host; hosts may spell one repository differently
 */
public record HostRepository(String id, String url) {}
