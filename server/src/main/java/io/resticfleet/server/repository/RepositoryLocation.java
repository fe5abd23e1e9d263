package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryUrl;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Location of a repository: its canonical URL, without trailing slash.
 *
 * @param hostId of the host on whose disk it is; absent for a repository on the network
 */
record RepositoryLocation(String value, Optional<HostId> hostId) {

    /** Excludes a slash that is the whole path: after a colon it is the root directory, not the home directory. */
    private static final Pattern TRAILING_SLASH = Pattern.compile("(?<=[^:/])/$");

    /**
     * Returns the location of a URL as used by one host: a directory is another location on each host.
     *
     * @param hostId of that host
     */
    static RepositoryLocation of(RepositoryUrl url, HostId hostId) {
        return of(url, Optional.of(hostId));
    }

    /** @param hostId of that host; absent if no host uses it yet */
    static RepositoryLocation of(RepositoryUrl url, Optional<HostId> hostId) {
        return new RepositoryLocation(
                canonical(url), hostId.filter(id -> url.localPath().isPresent()));
    }

    /** Whether it is on a host's own disk. */
    boolean isDirectory() {
        return value.startsWith("/");
    }

    /** Returns the location of a URL on the network; empty for a directory. */
    static Optional<RepositoryLocation> onNetwork(RepositoryUrl url) {
        return url.localPath().isPresent()
                ? Optional.empty()
                : Optional.of(new RepositoryLocation(canonical(url), Optional.empty()));
    }

    /** Returns the location for a canonical URL and the host of a directory. */
    static RepositoryLocation stored(String url, Optional<HostId> hostId) {
        return new RepositoryLocation(TRAILING_SLASH.matcher(url).replaceFirst(""), hostId);
    }

    private static String canonical(RepositoryUrl url) {
        return TRAILING_SLASH.matcher(url.value()).replaceFirst("");
    }
}
