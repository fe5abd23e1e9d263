package io.resticfleet.server.repository;

import io.resticfleet.protocol.CheckResult;
import io.resticfleet.protocol.DataPart;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ProbeResult;
import io.resticfleet.protocol.PruneResult;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryKey;
import io.resticfleet.protocol.RotateKey;
import io.resticfleet.protocol.RotateKeyResult;
import io.resticfleet.protocol.StatsResult;
import io.resticfleet.protocol.WellFormedText;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.web.Problem;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;

/** What jobs found out about repositories: status, size by day, the last check, and keys. */
public final class RepositoryFindings {

    private static final int DAYS = 365;
    private static final int MAX_DETAIL = 500;

    /** Length of a key's id before restic 0.17. */
    private static final int SHORT_ID = 8;

    private final Database db;
    private final Repositories repositories;
    private final Audit audit;
    private final InstantSource clock;

    public RepositoryFindings(Database db, Repositories repositories, Audit audit, InstantSource clock) {
        this.db = db;
        this.repositories = repositories;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * The size of a repository on a day, in bytes.
     *
     * @param day in UTC, such as 2026-03-01
     * @param sizeBytes all data that snapshots need, as it is stored
     * @param uncompressedBytes the same before compression; null if its restic does not know
     */
    public record Size(
            String day,
            Instant measuredAt,
            long sizeBytes,
            Optional<Long> uncompressedBytes,
            long blobCount,
            long snapshotCount) {}

    /**
     * A key, as it describes itself.
     *
     * @param keyId 64 hexadecimal digits; the first 8 of them before restic 0.17
     * @param created in UTC
     * @param expected whether it was there when the keys were first listed, or somebody has confirmed it
     */
    public record Key(
            String keyId, String username, String hostname, String created, Instant firstSeenAt, boolean expected) {}

    /** Records how a job at a repository ended. */
    public void record(Handle tx, RepositoryReport report) {
        var dao = tx.attach(RepositoryFindingsDao.class);
        recordStatus(dao, report);
        report.result().ifPresent(result -> {
            if (result instanceof CheckResult check) {
                recordCheck(tx, dao, report, check);
            } else if (result instanceof PruneResult prune) {
                recordPrune(dao, report, prune);
            } else if (result instanceof ProbeResult probe) {
                dao.appendOnly(report.id(), probe.removable() == 1 ? "no" : "yes");
            } else if (result instanceof StatsResult stats) {
                recordStats(tx, dao, report, stats);
            } else if (result instanceof RotateKeyResult rotated) {
                recordKeys(tx, dao, report, rotated);
            }
        });
    }

    private static void recordStatus(RepositoryFindingsDao dao, RepositoryReport report) {
        if (report.kind() == JobKind.ROTATE_KEY) {
            return; // what it cannot open, it has tried with a password that may not be the repository's
        }
        boolean done = report.status() == JobStatus.SUCCEEDED || report.status() == JobStatus.PARTIAL;
        if (done && report.kind() == JobKind.CHECK) {
            dao.status(report.id(), RepositoryStatus.OK.word(), Optional.empty(), report.at());
        } else if (done && report.kind() != JobKind.UNLOCK) {
            dao.opened(report.id(), report.at());
        } else {
            report.code()
                    .flatMap(RepositoryFindings::status)
                    .ifPresent(status -> dao.status(
                            report.id(),
                            status.word(),
                            report.error().map(text -> WellFormedText.cut(text, MAX_DETAIL)),
                            report.at()));
        }
    }

    /** What a failure says about the repository; empty if it says nothing. */
    private static Optional<RepositoryStatus> status(ErrorCode code) {
        return switch (code) {
            case LOCKED -> Optional.of(RepositoryStatus.LOCKED);
            case WRONG_PASSWORD, PASSWORD_MISSING -> Optional.of(RepositoryStatus.WRONG_PASSWORD);
            case DAMAGED, BAD_FILE -> Optional.of(RepositoryStatus.DAMAGED);
            case NETWORK,
                    AUTH,
                    SSH_KEY_REFUSED,
                    CERTIFICATE,
                    HOST_KEY,
                    HOST_KEY_CHANGED,
                    REPO_NOT_FOUND,
                    REPOSITORY_GONE -> Optional.of(RepositoryStatus.UNREACHABLE);
            default -> Optional.empty();
        };
    }

    private void recordCheck(Handle tx, RepositoryFindingsDao dao, RepositoryReport report, CheckResult check) {
        boolean ok = report.status() == JobStatus.SUCCEEDED || report.status() == JobStatus.PARTIAL;
        boolean damaged = report.code().equals(Optional.of(ErrorCode.DAMAGED));
        if (!ok && !damaged) {
            return; // not completed
        }
        dao.checked(report.id(), report.at(), ok, check.dataReadShare().orElse(0.0));
        report.spec()
                .flatMap(spec -> spec instanceof JobSpec.Check wanted ? wanted.readData() : Optional.empty())
                .ifPresent(part -> dao.read(report.id(), part.of(), part.number()));
        check.keys().ifPresent(keys -> recordKeys(tx, dao, report, keys, Optional.empty()));
    }

    private static void recordPrune(RepositoryFindingsDao dao, RepositoryReport report, PruneResult prune) {
        boolean dryRun = report.spec()
                .filter(spec -> spec instanceof JobSpec.Prune wanted && wanted.dryRun())
                .isPresent();
        if (report.status() == JobStatus.SUCCEEDED && !dryRun) {
            dao.pruned(report.id(), report.at());
            dao.size(report.id(), prune.remainingBytes(), report.at());
        }
    }

    private void recordStats(Handle tx, RepositoryFindingsDao dao, RepositoryReport report, StatsResult stats) {
        if (report.status() != JobStatus.SUCCEEDED) {
            return;
        }
        var day = LocalDate.ofInstant(report.at(), ZoneOffset.UTC);
        dao.measured(report.id(), day.toString(), report.at(), stats);
        dao.forgetSizes(report.id(), day.minusDays(DAYS).toString());
        dao.size(report.id(), stats.sizeBytes(), report.at());
        stats.keys().ifPresent(keys -> recordKeys(tx, dao, report, keys, Optional.empty()));
    }

    /** The key that this server itself had added is expected. */
    private void recordKeys(Handle tx, RepositoryFindingsDao dao, RepositoryReport report, RotateKeyResult rotated) {
        var step = report.spec()
                .flatMap(spec -> spec instanceof RotateKey rotation ? Optional.of(rotation.step()) : Optional.empty());
        boolean adds = step.equals(Optional.of(RotateKey.Step.ADD));
        if (report.status() == JobStatus.SUCCEEDED && (adds || step.equals(Optional.of(RotateKey.Step.REMOVE)))) {
            rotated.keys()
                    .ifPresent(keys ->
                            recordKeys(tx, dao, report, keys, rotated.keyId().filter(id -> adds)));
        }
    }

    private void recordKeys(
            Handle tx,
            RepositoryFindingsDao dao,
            RepositoryReport report,
            List<RepositoryKey> found,
            Optional<String> expected) {
        var known = dao.keys(report.id());
        known.stream()
                .filter(key -> found.stream().noneMatch(is(key)))
                .forEach(key -> dao.removeKey(report.id(), key.keyId()));
        for (var key : found) {
            var same = known.stream().filter(other -> is(other).test(key)).findFirst();
            if (same.isEmpty()) {
                boolean isExpected = known.isEmpty()
                        || expected.filter(id -> RotateKey.isSame(id, key.id())).isPresent();
                dao.addKey(report.id(), key, report.at(), isExpected);
                if (!isExpected) {
                    audit.record(
                            tx,
                            Actor.local("server"),
                            "repository.key_found",
                            report.id().value(),
                            Map.of("key", key.id(), "username", key.username(), "hostname", key.hostname()));
                }
            } else if (same.get().keyId().length() < key.id().length()) {
                dao.completeKey(report.id(), same.get().keyId(), key.id());
            }
        }
        expected.ifPresent(id -> dao.keys(report.id()).stream()
                .filter(key -> RotateKey.isSame(id, key.keyId()))
                .forEach(key -> dao.expect(report.id(), key.keyId()))); // listed by another job meanwhile
    }

    /** Whether a key of a list is this one; older restics list the beginning of the id only. */
    private static Predicate<RepositoryKey> is(Key key) {
        return other -> key.keyId().equals(other.id())
                || (other.id().length() == SHORT_ID && key.keyId().startsWith(other.id()))
                || (key.keyId().length() == SHORT_ID && other.id().startsWith(key.keyId()));
    }

    /**
     * The part of a repository's data that is to be read next, so that all parts are read in turn.
     *
     * @param parts number of parts
     */
    public DataPart nextPart(RepositoryId id, int parts) {
        return db.read(handle -> {
            repositories.get(handle, id);
            int last = handle.attach(RepositoryFindingsDao.class)
                    .lastRead(id, parts)
                    .orElse(0);
            return new DataPart(last % parts + 1, parts);
        });
    }

    /**
     * The sizes of a repository on the last days on which it was measured, oldest first.
     *
     * @param days how many days to look back; today is the first
     * @throws Problem 404
     */
    public List<Size> sizes(RepositoryId id, int days) {
        var from = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).minusDays(days - 1L);
        return db.read(handle -> {
            repositories.get(handle, id);
            return handle.attach(RepositoryFindingsDao.class).sizes(id, from.toString());
        });
    }

    /** @throws Problem 404 */
    public List<Key> keys(RepositoryId id) {
        return db.read(handle -> {
            repositories.get(handle, id);
            return handle.attach(RepositoryFindingsDao.class).keys(id);
        });
    }

    /**
     * Records that a key was added on purpose.
     *
     * @throws Problem 404
     */
    public void expect(Actor actor, RepositoryId id, String keyId) {
        db.change(tx -> {
            repositories.get(tx, id);
            if (tx.attach(RepositoryFindingsDao.class).expect(id, keyId) == 0) {
                throw Problem.notFound("key " + keyId);
            }
            audit.record(tx, actor, "repository.key_expect", id.value(), Map.of("key", keyId));
        });
    }
}
