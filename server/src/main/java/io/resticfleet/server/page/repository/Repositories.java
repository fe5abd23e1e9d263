package io.resticfleet.server.page.repository;

import io.resticfleet.protocol.Repository;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.repository.Credentials;
import java.util.List;
import java.util.Optional;

/** What pages show of repositories. */
public final class Repositories {

    private final Database db;
    private final Hosts hosts;
    private final Credentials credentials;

    public Repositories(Database db, Hosts hosts, Credentials credentials) {
        this.db = db;
        this.hosts = hosts;
        this.credentials = credentials;
    }

    /** The URL of a host's repository; the empty string if it has none. */
    public String url(String hostId) {
        return db.read(handle -> credentials.url(handle, hostId)).orElse("");
    }

    /** The user name for the repository's server, or the access key ID; the empty string if there is none. */
    String username(String hostId) {
        return credentials.find(hostId).flatMap(Repository::username).orElse("");
    }

    /** The password or secret key that belongs to the user name; never shown. */
    Optional<String> password(String hostId) {
        return credentials.find(hostId).flatMap(Repository::password);
    }

    /** Other hosts with the same repository. */
    List<Host> sharing(String hostId) {
        return db.read(handle -> credentials.url(handle, hostId).stream()
                .flatMap(url -> credentials.sharing(handle, url).stream())
                .filter(id -> !id.equals(hostId))
                .flatMap(id -> hosts.all(handle, Optional.of(id)).stream())
                .toList());
    }
}
