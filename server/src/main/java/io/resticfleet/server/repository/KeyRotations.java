package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.RotateKey;
import io.resticfleet.server.secret.Secrets;
import io.resticfleet.server.web.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * What is stored of changes of repositories' passwords, and the credentials that they change. Until a change is done, its
 * passwords are a secret of its own.
 */
public final class KeyRotations {

    private final Repositories repositories;
    private final RepositoryChanges changes;
    private final RepositoryCredentials credentials;
    private final Secrets secrets;

    public KeyRotations(Repositories repositories, RepositoryChanges changes, Secrets secrets) {
        this.repositories = repositories;
        this.changes = changes;
        this.credentials = repositories.credentials();
        this.secrets = secrets;
    }

    /**
     * The passwords of a change.
     *
     * @param earlier whose keys are to be removed; the last is the one that is replaced
     */
    record Passwords(List<String> earlier, String next) {

        String old() {
            return earlier.get(earlier.size() - 1);
        }

        @Override
        public String toString() {
            return "Passwords[masked]";
        }
    }

    /**
     * Refuses a change of what a repository is opened with while its password is being changed.
     *
     * @throws Problem 409 {@code rotation_pending}
     */
    static void refuseWhilePending(Handle handle, RepositoryId id) {
        handle.attach(KeyRotationDao.class)
                .find(id)
                .filter(KeyRotation::isPending)
                .ifPresent(rotation -> {
                    throw pending();
                });
    }

    private static Problem pending() {
        return Problem.conflict(
                "rotation_pending",
                "the password of this repository is being changed; wait until all its hosts have the new one, or take away"
                        + " those that will not connect again");
    }

    /** Those that have not ended. */
    public List<RepositoryId> open(Handle handle) {
        return handle.attach(KeyRotationDao.class).open();
    }

    /** The change under way, or the last one. */
    public Optional<KeyRotation> find(Handle handle, RepositoryId id) {
        return handle.attach(KeyRotationDao.class).find(id);
    }

    /** The change that a job is a step of; empty if it is over, or the job was replaced. */
    public Optional<KeyRotation> ofJob(Handle handle, JobId jobId) {
        return handle.attach(KeyRotationDao.class).ofJob(jobId).flatMap(id -> find(handle, id));
    }

    /** How far the hosts are; without those of which nothing was tried. */
    public Map<HostId, KeyRotation.Progress> progress(Handle handle, RepositoryId id) {
        var all = new LinkedHashMap<HostId, KeyRotation.Progress>();
        handle.attach(KeyRotationDao.class).hosts(id).forEach(one -> all.put(one.hostId(), one));
        return all;
    }

    public void put(Handle tx, KeyRotation rotation) {
        tx.attach(KeyRotationDao.class).put(rotation);
    }

    public void put(Handle tx, KeyRotation.Progress progress) {
        tx.attach(KeyRotationDao.class).put(progress);
    }

    /** Has what failed on a host be tried again at once. */
    public void retryAtHost(Handle tx, HostId hostId) {
        tx.attach(KeyRotationDao.class).retryAtHost(hostId);
    }

    /** Has what failed on hosts be tried again at once. */
    public void retryHosts(Handle tx, RepositoryId id) {
        tx.attach(KeyRotationDao.class).retryHosts(id);
    }

    /**
     * Begins a change. Keys that an earlier change has not removed yet are removed with the present one.
     *
     * @param first with which the new key is added
     * @throws Problem 409 {@code rotation_pending}, {@code change_pending} or {@code credentials_lost}, or 400 {@code
     *     same_password}
     */
    public void begin(Handle tx, KeyRotation first, String password) {
        var id = first.repositoryId();
        refuseWhilePending(tx, id);
        refuseChanging(tx, id);
        var old = old(tx, id);
        var before = find(tx, id);
        var kept = before.flatMap(rotation -> passwords(tx, id))
                .map(Passwords::earlier)
                .orElse(List.of());
        var earlier = Stream.concat(kept.stream().filter(text -> !text.equals(old)), Stream.of(old))
                .toList();
        if (earlier.contains(password)) {
            throw Problem.invalid(
                    "same_password", "repo_password must differ from the present one, and from those before it");
        }
        var dao = tx.attach(KeyRotationDao.class);
        dao.forgetHosts(id);
        dao.put(new KeyRotation(
                id,
                first.phase(),
                first.requestedBy(),
                first.requestedAt(),
                first.keyId(),
                before.map(KeyRotation::oldKeyIds).orElse(""),
                first.jobId(),
                first.detail(),
                first.triedAt(),
                false));
        secrets.put(tx, owner(id), new Passwords(earlier, password));
    }

    /** A change of access that is pending has the old password. A mere test is dropped at the end. */
    private void refuseChanging(Handle tx, RepositoryId id) {
        changes.all(tx).stream()
                .filter(change -> change.repositoryId()
                        .map(changed -> changed.equals(id) && !change.test())
                        .orElseGet(() -> isAt(tx, change, id)))
                .findFirst()
                .ifPresent(change -> {
                    throw Problem.conflict(
                            "change_pending",
                            "a change of what this repository is opened with is pending; apply or discard it first");
                });
    }

    private static boolean isAt(Handle handle, RepositoryChanges.Pending change, RepositoryId id) {
        var location = RepositoryLocation.of(new RepositoryUrl(change.url()), change.hostId());
        return Repositories.find(handle, location).equals(Optional.of(id));
    }

    private String old(Handle handle, RepositoryId id) {
        return credentials
                .shared(handle, id)
                .map(Repository::repoPassword)
                .orElseThrow(() -> Problem.conflict(
                        "credentials_lost",
                        "the credentials of repository " + id + " cannot be read; set all of them"));
    }

    /** Hosts that open a repository with its present password, in the order of their enrolment. */
    public List<HostId> withPassword(Handle handle, RepositoryId id) {
        var password = old(handle, id);
        return repositories.hosts(handle, id).stream()
                .filter(hostId -> password(handle, hostId, id).equals(Optional.of(password)))
                .toList();
    }

    /**
     * With which password the hosts of a repository open it, in the order of their enrolment; empty if its passwords cannot be
     * read.
     */
    public Map<HostId, KeyRotation.Held> held(Handle handle, RepositoryId id) {
        var all = new LinkedHashMap<HostId, KeyRotation.Held>();
        passwords(handle, id)
                .ifPresent(passwords -> repositories
                        .hosts(handle, id)
                        .forEach(hostId -> all.put(
                                hostId,
                                password(handle, hostId, id)
                                        .map(text -> held(passwords, text))
                                        .orElse(KeyRotation.Held.OLD)))); // unreadable: its agent may still have it
        return all;
    }

    private static KeyRotation.Held held(Passwords passwords, String password) {
        if (password.equals(passwords.next())) {
            return KeyRotation.Held.NEW;
        }
        return password.equals(passwords.old()) ? KeyRotation.Held.OLD : KeyRotation.Held.OTHER;
    }

    /**
     * Whether the repository still has the password that is replaced, or the new one: an agent's credentials that were adopted
     * after a restore of the database can be others.
     */
    public boolean isIntact(Handle handle, RepositoryId id) {
        var shared = credentials.shared(handle, id).map(Repository::repoPassword);
        return passwords(handle, id).isPresent()
                && shared.map(text -> held(passwords(handle, id).get(), text))
                        .filter(found -> found != KeyRotation.Held.OTHER)
                        .isPresent();
    }

    /** A host's repository as it opens it with the new password; empty if that cannot be read. */
    public Optional<Repository> opened(Handle handle, HostId hostId, RepositoryId id) {
        return passwords(handle, id)
                .flatMap(passwords -> effective(handle, hostId, id).map(one -> one.withRepoPassword(passwords.next())));
    }

    /** Gives a host the new password; others keep what they have. */
    public void give(Handle tx, HostId hostId, RepositoryId id) {
        credentials.putOwn(tx, hostId, id, opened(tx, hostId, id));
    }

    /** Makes the new password that of the repository. Every host must have it, or one of its own. */
    public void share(Handle tx, RepositoryId id) {
        var passwords = passwords(tx, id).orElseThrow();
        var shared = credentials.shared(tx, id).orElseThrow().withRepoPassword(passwords.next());
        credentials.putShared(tx, id, shared);
        for (var hostId : repositories.hosts(tx, id)) {
            credentials
                    .own(tx, hostId, id)
                    .filter(own -> own.equals(shared.at(own.url())))
                    .ifPresent(same -> credentials.putOwn(tx, hostId, id, Optional.empty()));
        }
        credentials
                .maintainer(tx, id)
                .filter(own -> own.repoPassword().equals(passwords.old()))
                .ifPresent(
                        own -> credentials.putMaintainer(tx, id, Optional.of(own.withRepoPassword(passwords.next()))));
        changes.find(tx, id).ifPresent(test -> changes.remove(tx, test.hostId()));
    }

    /** Deletes the passwords of a change that is done. */
    public void forgetPasswords(Handle tx, RepositoryId id) {
        secrets.remove(tx, owner(id));
    }

    /**
     * What this server would still open with a password whose key is to be removed.
     *
     * @param own hosts or maintainer of this repository have it, which must not be
     * @param others what else has it, in words: another address of this repository, or another repository
     */
    public record Users(boolean own, List<String> others) {}

    /** Who has a password whose key is to be removed. */
    public Users users(Handle handle, RepositoryId id) {
        var earlier = passwords(handle, id).map(Passwords::earlier).orElse(List.of());
        boolean own = earlier.isEmpty(); // unreadable: nobody can tell
        var others = new TreeSet<String>();
        for (var owner : Secrets.owners(handle)) {
            if (RepositoryCredentials.isRepository(owner)) {
                var password = credentials.find(handle, owner).map(Repository::repoPassword);
                boolean isOwn = RepositoryCredentials.isOf(owner, id);
                own = own || isOwn && (password.isEmpty() || earlier.contains(password.get()));
                if (!isOwn && password.filter(earlier::contains).isPresent()) {
                    others.add(words(handle, owner));
                }
            }
        }
        return new Users(own, List.copyOf(others));
    }

    private String words(Handle handle, String owner) {
        if (owner.startsWith("enrollment_tokens/")) {
            return "an enrolment token";
        }
        if (owner.startsWith("repository_changes/")) {
            return "a pending change of a repository";
        }
        var id = new RepositoryId(owner.substring(owner.lastIndexOf('/') + 1));
        return "repository "
                + repositories.find(handle, id).map(RepositoryRow::name).orElse(id.value());
    }

    private Optional<String> password(Handle handle, HostId hostId, RepositoryId id) {
        return effective(handle, hostId, id).map(Repository::repoPassword);
    }

    private Optional<Repository> effective(Handle handle, HostId hostId, RepositoryId id) {
        return repositories.pick(handle, hostId, Optional.of(id)).flatMap(used -> credentials.of(handle, hostId, used));
    }

    private Optional<Passwords> passwords(Handle handle, RepositoryId id) {
        return credentials.readable(() -> secrets.find(handle, owner(id), Passwords.class), owner(id));
    }

    /** These keys without one. */
    public static String without(List<String> keys, String keyId) {
        return String.join(
                " ", keys.stream().filter(id -> !RotateKey.isSame(id, keyId)).toList());
    }

    private static String owner(RepositoryId id) {
        return "repository_rotations/" + id;
    }
}
