package io.resticfleet.server.page.repository;

import io.resticfleet.protocol.Repository;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.repository.Credentials;
import java.util.List;
import java.util.Optional;

/** Repositories, as far as pages are concerned. */
public final class Repositories {

    private final Database db;
    private final Hosts hosts;
    private final Credentials credentials;

    public Repositories(Database db, Hosts hosts, Credentials credentials) {
        this.db = db;
        this.hosts = hosts;
        this.credentials = credentials;
    }

    /** Where a host's snapshots go; empty if nowhere. */
    public String url(String hostId) {
        return db.read(handle -> credentials.url(handle, hostId)).orElse("");
    }

    /** The user name a host shows to its repository's server, or its access key id; empty if none. */
    String username(String hostId) {
        return credentials.find(hostId).flatMap(Repository::username).orElse("");
    }

    /** What goes with the user name; never shown. */
    Optional<String> password(String hostId) {
        return credentials.find(hostId).flatMap(Repository::password);
    }

    /** Other hosts whose snapshots go to the same place. */
    List<Host> sharing(String hostId) {
        return db.read(handle -> hosts.some(
                handle,
                credentials.url(handle, hostId).stream()
                        .flatMap(url -> credentials.sharing(handle, url).stream())
                        .filter(id -> !id.equals(hostId))
                        .toList()));
    }
}
