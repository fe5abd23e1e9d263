package io.resticfleet.server.repository;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.Wire;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.secret.SecretBox;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** How each host opens its repository; in envelopes everywhere but in memory. */
public final class Credentials {

    private static final JsonMapper JSON = Wire.builder().build();

    private final Database db;
    private final SecretBox box;
    private final InstantSource clock;

    public Credentials(Database db, SecretBox box, InstantSource clock) {
        this.db = db;
        this.box = box;
        this.clock = clock;
    }

    /** What opens a host's repository; empty for a host that has none. */
    public Optional<Repository> find(String hostId) {
        return db.read(handle -> find(handle, hostId));
    }

    public Optional<Repository> find(Handle handle, String hostId) {
        return handle.attach(CredentialsDao.class).find(hostId).map(envelope -> unseal(envelope, row(hostId)));
    }

    /** Where a host's snapshots go, without what opens it. */
    public Optional<String> url(Handle handle, String hostId) {
        return handle.attach(CredentialsDao.class).url(hostId);
    }

    /** The id of a host's repository, as in its agent's configuration; absent while repositories have no ids. */
    public Optional<String> repositoryId(Handle handle, String hostId) {
        return Optional.empty();
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
        tx.attach(CredentialsDao.class)
                .put(hostId, repository.url().value(), seal(repository, row(hostId)), clock.instant());
    }

    /**
     * Puts a repository into an envelope.
     *
     * @param row where it will be kept
     */
    public String seal(Repository repository, String row) {
        try {
            return box.seal(JSON.writeValueAsString(repository), row);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write the credentials of " + row, e);
        }
    }

    /** @throws IllegalStateException if the envelope does not open for this row */
    public Repository unseal(String envelope, String row) {
        try {
            return JSON.readValue(box.open(envelope, row), Repository.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot read the credentials of " + row); // the cause would show them
        }
    }

    private static String row(String hostId) {
        return "host_credentials/" + hostId;
    }
}
