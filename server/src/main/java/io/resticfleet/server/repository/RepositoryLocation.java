package io.resticfleet.server.repository;

import io.resticfleet.protocol.RepositoryUrl;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a repository is, in one form for all spellings that restic takes for the same place: no {@code local:}, no slash
 * at the end, a REST server's name in lower case. Migration 0010 has the same in SQL.
 *
 * @param hostId of the host whose disk holds it; absent for one that is reached over the network
 */
record RepositoryLocation(String value, Optional<String> hostId) {

    /** Not a slash that is the whole path: after a colon it is the root, and not the home directory. */
    private static final Pattern LAST_SLASH = Pattern.compile("(?<=[^:/])/$");

    private static final Pattern REST_SERVER = Pattern.compile("rest:https?://[^/]*");

    /**
     * Of a URL as one host uses it: the same directory of two hosts is two places.
     *
     * @param hostId of that host
     */
    static RepositoryLocation of(RepositoryUrl url, String hostId) {
        var plain = LAST_SLASH.matcher(url.localPath().orElse(url.value())).replaceFirst("");
        return new RepositoryLocation(
                REST_SERVER.matcher(plain).replaceFirst(server -> server.group().toLowerCase(Locale.ROOT)),
                url.localPath().map(path -> hostId));
    }
}
