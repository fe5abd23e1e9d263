package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryUrl;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Canonical location of a repository, the same for all URLs that restic resolves to the same place: without {@code
 * local:} and trailing slash, and with a REST server's name in lower case. Migration 0010 implements the same in SQL.
 *
 * @param hostId of the host on whose disk it is; absent for a repository on the network
 */
record RepositoryLocation(String value, Optional<HostId> hostId) {

    /** Excludes a slash that is the whole path: after a colon it is the root directory, not the home directory. */
    private static final Pattern TRAILING_SLASH = Pattern.compile("(?<=[^:/])/$");

    private static final Pattern REST_SERVER = Pattern.compile("rest:https?://[^/]*");

    /**
     * Returns the location of a URL as used by one host: a directory is another location on each host.
     *
     * @param hostId of that host
     */
    static RepositoryLocation of(RepositoryUrl url, HostId hostId) {
        return new RepositoryLocation(canonical(url), url.localPath().map(path -> hostId));
    }

    /** Returns the location of a URL on the network; empty for a directory. */
    static Optional<RepositoryLocation> onNetwork(RepositoryUrl url) {
        return url.localPath().isPresent()
                ? Optional.empty()
                : Optional.of(new RepositoryLocation(canonical(url), Optional.empty()));
    }

    private static String canonical(RepositoryUrl url) {
        var plain = TRAILING_SLASH.matcher(url.localPath().orElse(url.value())).replaceFirst("");
        return REST_SERVER.matcher(plain).replaceFirst(server -> server.group().toLowerCase(Locale.ROOT));
    }
}
