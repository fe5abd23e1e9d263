package io.resticfleet.server.repository;

import io.resticfleet.protocol.Repository;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.secret.Secrets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** How each host opens its repository; in envelopes everywhere but in memory. */
public final class Credentials {

    private final Database db;
    private final Secrets secrets;
    private final InstantSource clock;

    public Credentials(Database db, Secrets secrets, InstantSource clock) {
        this.db = db;
        this.secrets = secrets;
        this.clock = clock;
    }

    /** What opens a host's repository; empty for a host that has none. */
    public Optional<Repository> find(String hostId) {
        return db.read(handle -> find(handle, hostId));
    }

    public Optional<Repository> find(Handle handle, String hostId) {
        return secrets.find(handle, owner(hostId), Repository.class);
    }

    /** Where a host's snapshots go, without what opens it. */
    public Optional<String> url(Handle handle, String hostId) {
        return handle.attach(CredentialsDao.class).url(hostId);
    }

    /** Where each host's snapshots go. */
    public Map<String, String> urls() {
        return db.read(handle -> handle.attach(CredentialsDao.class).urls());
    }

    /** The hosts whose snapshots go to the same place. */
    public List<String> sharing(Handle handle, String repositoryUrl) {
        return handle.attach(CredentialsDao.class).sharing(repositoryUrl);
    }

    /** The same, as it is now. */
    public List<String> sharing(String repositoryUrl) {
        return db.read(handle -> sharing(handle, repositoryUrl));
    }

    public void put(Handle tx, String hostId, Repository repository) {
        tx.attach(CredentialsDao.class).put(hostId, repository.url().value(), clock.instant());
        secrets.put(tx, owner(hostId), repository);
    }

    private static String owner(String hostId) {
        return "host_credentials/" + hostId;
    }
}
