package io.resticfleet.server.repository;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.web.Problem;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Proposes changes of what hosts open repositories with, and applies them once a host has opened it. */
public final class TestedChanges {

    private static final Logger log = LoggerFactory.getLogger(TestedChanges.class);

    /** The audit log's action for a change of a host's first repository that applies. */
    static final String CHANGED = "host.repository";

    private final Repositories repositories;
    private final RepositoryCatalog catalog;
    private final RepositoryFindings findings;
    private final RepositoryChanges changes;
    private final RepositoryProber prober;
    private final Audit audit;
    private final InstantSource clock;

    public TestedChanges(
            Repositories repositories,
            RepositoryCatalog catalog,
            RepositoryFindings findings,
            RepositoryChanges changes,
            RepositoryProber prober,
            Audit audit,
            InstantSource clock) {
        this.repositories = repositories;
        this.catalog = catalog;
        this.findings = findings;
        this.changes = changes;
        this.prober = prober;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Has a host try a change.
     *
     * @param repositoryId the repository that changes for all its hosts; absent if this host changes to another
     * @throws Problem 409 {@code change_pending}
     */
    RepositoryChanges.Pending propose(
            Handle tx, Actor actor, HostId hostId, Repository wanted, Optional<RepositoryId> repositoryId) {
        refuseOther(tx, hostId);
        var change = change(tx, actor, hostId, wanted, repositoryId);
        changes.put(tx, change, wanted);
        return change;
    }

    /** A host tries one change at a time; one for all hosts of a repository is not discarded by one for itself. */
    private void refuseOther(Handle tx, HostId hostId) {
        changes.find(tx, hostId)
                .filter(change -> change.repositoryId().isPresent() && !change.test())
                .ifPresent(change -> {
                    throw Problem.conflict(
                            "change_pending",
                            "this host is trying a change of repository "
                                    + change.repositoryId().get() + " for all its hosts; wait for it, or discard it");
                });
    }

    /** Has a host open a repository as it is. */
    RepositoryChanges.Pending test(Handle tx, Actor actor, HostId hostId, Repository present, RepositoryId id) {
        var change = change(tx, actor, hostId, present, Optional.of(id)).asTest();
        changes.put(tx, change, present);
        return change;
    }

    /**
     * Has a host try credentials of its own for a repository, which then has this place in the host's order.
     *
     * @param position from 1; absent: where it is then, else the last
     * @throws Problem 409 {@code change_pending}
     */
    RepositoryChanges.Pending proposeUse(
            Handle tx, Actor actor, HostId hostId, Repository wanted, RepositoryId id, Optional<Integer> position) {
        refuseOther(tx, hostId);
        var change = change(tx, actor, hostId, wanted, Optional.empty()).asUse(id, position);
        changes.put(tx, change, wanted);
        return change;
    }

    private RepositoryChanges.Pending change(
            Handle tx, Actor actor, HostId hostId, Repository wanted, Optional<RepositoryId> repositoryId) {
        return new RepositoryChanges.Pending(
                hostId,
                prober.probe(tx, actor, hostId, wanted.url()),
                wanted.url().value(),
                actor.name(),
                clock.instant(),
                repositoryId,
                Optional.empty(),
                Optional.empty(),
                false);
    }

    /**
     * Applies the pending change that this probe has tried, if it was successful; the caller pushes it after the commit. Of a
     * test, records what it has found.
     */
    public void probed(Handle tx, HostId hostId, ToServer.JobFinished probe) {
        changes.candidate(tx, hostId, probe.jobId()).ifPresent(wanted -> {
            var change = changes.find(tx, hostId).orElseThrow();
            change.repositoryId().filter(id -> change.test()).ifPresent(id -> findings.record(tx, report(id, probe)));
            if (probe.status() == JobStatus.SUCCEEDED) {
                applyTried(tx, change, wanted);
            }
        });
    }

    /** What is refused stays pending: the probe's end is stored in the same transaction. */
    private void applyTried(Handle tx, RepositoryChanges.Pending change, Repository wanted) {
        try {
            apply(tx, Actor.local(change.requestedBy()), change, wanted);
        } catch (Problem e) {
            log.warn("a change of a repository cannot be applied host={}: {}", change.hostId(), e.getMessage());
        }
    }

    private RepositoryReport report(RepositoryId id, ToServer.JobFinished probe) {
        return new RepositoryReport(
                id,
                probe.kind(),
                probe.status(),
                probe.errorCode().map(ErrorCode.Reported::code),
                probe.error(),
                Optional.of(probe.stats()),
                Optional.empty(),
                clock.instant());
    }

    /**
     * Applies a host's pending change without a test.
     *
     * @throws Problem 404 if none is pending, or 409
     */
    void applyPending(Handle tx, Actor actor, HostId hostId) {
        var change = changes.find(tx, hostId);
        var wanted = change.flatMap(pending -> changes.candidate(tx, hostId, pending.jobId()))
                .orElseThrow(() -> Problem.notFound("a pending change of the repository of host " + hostId));
        apply(tx, actor, change.get(), wanted);
    }

    private void apply(Handle tx, Actor actor, RepositoryChanges.Pending change, Repository wanted) {
        var hostId = change.hostId();
        if (change.test()) {
            changes.remove(tx, hostId);
        } else if (change.usedId().isPresent()) {
            catalog.use(tx, actor, hostId, change.usedId().get(), change.usedPosition(), Optional.of(wanted));
            changes.remove(tx, hostId);
        } else if (change.repositoryId().isPresent()) {
            catalog.apply(tx, actor, change.repositoryId().get(), wanted);
            changes.remove(tx, hostId);
        } else {
            assign(tx, actor, hostId, wanted);
        }
    }

    /** Sets or replaces a host's first repository; a change that is pending is discarded. */
    void assign(Handle tx, Actor actor, HostId hostId, Repository wanted) {
        repositories.assign(tx, hostId, wanted);
        audit.record(
                tx,
                actor,
                CHANGED,
                hostId,
                hostId,
                Map.of("repository", wanted.url().value()));
    }
}
