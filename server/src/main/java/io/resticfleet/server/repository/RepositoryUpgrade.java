package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.server.db.Database;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rewrites what earlier versions stored: credentials of each host, and URLs in another spelling. Repositories that turn out
 * to be one become one, with one queue.
 */
final class RepositoryUpgrade {

    private static final Logger log = LoggerFactory.getLogger(RepositoryUpgrade.class);

    private final Database db;
    private final RepositoryCredentials credentials;

    RepositoryUpgrade(Database db, RepositoryCredentials credentials) {
        this.db = db;
        this.credentials = credentials;
    }

    void run() {
        adoptCredentials();
        unifySpellings();
    }

    private void adoptCredentials() {
        var waiting = db.read(credentials::hostsOfEarlierVersions);
        if (!waiting.isEmpty()) {
            db.change(tx -> tx.attach(RepositoryDao.class).uses().stream()
                    .filter(use -> waiting.contains(use.hostId()))
                    .forEach(use -> credentials.adopt(tx, use.hostId(), use.repositoryId())));
        }
    }

    private void unifySpellings() {
        var respelled = db.read(handle -> handle.attach(RepositoryDao.class).uses()).stream()
                .filter(use -> !canonical(use.url()).equals(use.url()))
                .toList();
        var stored = db.read(handle -> handle.attach(RepositoryUpgradeDao.class).all());
        var moved = stored.stream()
                .filter(row -> !location(row).value().equals(row.location()))
                .toList();
        if (respelled.isEmpty() && moved.isEmpty()) {
            return;
        }
        db.change(tx -> {
            respelled.forEach(use -> {
                var url = canonical(use.url());
                tx.attach(RepositoryDao.class).respell(use.hostId(), use.repositoryId(), url);
                log.warn("a repository's URL, stored by an earlier version, is now {} host={}", url, use.hostId());
            });
            stored.forEach(row -> tx.attach(RepositoryDao.class)
                    .get(row.id())
                    .filter(known -> !canonical(known.url()).equals(known.url()))
                    .ifPresent(
                            known -> tx.attach(RepositoryUpgradeDao.class).respell(row.id(), canonical(known.url()))));
            moved.forEach(row -> move(tx, row));
        });
    }

    private void move(Handle tx, RepositoryUpgradeDao.Stored stored) {
        var dao = tx.attach(RepositoryUpgradeDao.class);
        var location = location(stored);
        var same = Repositories.find(tx, location);
        if (same.isEmpty()) {
            dao.move(stored.id(), location.value());
            return;
        }
        var opened = opened(tx, stored.id());
        dao.moveHosts(stored.id(), same.get());
        dao.deleteHosts(stored.id());
        dao.moveJobs(stored.id(), same.get());
        dao.moveSchedules(stored.id(), same.get());
        moveSnapshots(dao, stored.id(), same.get());
        opened.forEach((host, repository) -> credentials.put(
                tx, host, same.get(), repository, tx.attach(RepositoryDao.class).hosts(same.get())));
        tx.attach(RepositoryDao.class).delete(stored.id());
    }

    /** With which each host opens a repository. */
    private Map<HostId, Repository> opened(Handle tx, RepositoryId id) {
        var opened = new LinkedHashMap<HostId, Repository>();
        tx.attach(RepositoryDao.class).uses().stream()
                .filter(use -> use.repositoryId().equals(id))
                .forEach(use -> credentials
                        .of(tx, use.hostId(), new HostRepository(id, use.url()))
                        .ifPresent(repository -> opened.put(use.hostId(), repository)));
        return opened;
    }

    /** Of the two lists of a host that has used both, the newer one remains. */
    private static void moveSnapshots(RepositoryUpgradeDao dao, RepositoryId from, RepositoryId to) {
        dao.deleteOlderLists(from, to);
        dao.deleteOlderLists(to, from);
        dao.deleteUnlisted(from, to);
        dao.deleteUnlisted(to, from);
        dao.moveLists(from, to);
        dao.moveSnapshots(from, to);
    }

    private static RepositoryLocation location(RepositoryUpgradeDao.Stored stored) {
        return RepositoryLocation.stored(canonical(stored.location()), stored.hostId());
    }

    /** The URL itself if restic cannot use it, or would run a program for it. */
    private static String canonical(String url) {
        try {
            return new RepositoryUrl(url).value();
        } catch (IllegalArgumentException e) {
            return url;
        }
    }
}
