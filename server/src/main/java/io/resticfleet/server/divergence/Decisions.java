package io.resticfleet.server.divergence;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.ScheduleVersions;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.web.Problem;
import java.util.Map;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/** An operator's decisions about diverged hosts. Carried out at once for connected hosts, else when they connect. */
public final class Decisions {

    private final Database db;
    private final Hosts hosts;
    private final ScheduleVersions versions;
    private final Divergences divergences;
    private final Agents agents;
    private final Audit audit;
    private final Consumer<HostId> push;

    /** @param push sends a host its schedules and credentials, if it is connected */
    public Decisions(
            Database db,
            Hosts hosts,
            ScheduleVersions versions,
            Divergences divergences,
            Agents agents,
            Audit audit,
            Consumer<HostId> push) {
        this.db = db;
        this.hosts = hosts;
        this.versions = versions;
        this.divergences = divergences;
        this.agents = agents;
        this.audit = audit;
        this.push = push;
    }

    /**
     * Decides for one host.
     *
     * @throws Problem 404, or 409 {@code nothing_to_decide}
     */
    public void decide(Actor actor, HostId hostId, Decision decision) {
        boolean pushes = db.write(tx -> {
            hosts.get(tx, hostId);
            var row = tx.attach(DivergenceDao.class).find(hostId).filter(waiting -> !waiting.decided(decision));
            return decide(tx, actor, row.orElseThrow(Decisions::nothing), decision);
        });
        if (pushes) {
            push.accept(hostId);
        } else if (decision == Decision.KEEP) {
            agents.send(hostId, new ToAgent.ScheduleAsk());
        }
    }

    /**
     * Decides for every undecided host.
     *
     * @throws Problem 409 {@code nothing_to_decide}
     */
    public void decideAll(Actor actor, Decision decision) {
        var waiting = divergences.list();
        if (waiting.isEmpty()) {
            throw nothing();
        }
        waiting.forEach(host -> decide(actor, host.hostId(), decision));
    }

    /** Records the decision. Returns whether the schedule set may be pushed now. */
    private boolean decide(Handle tx, Actor actor, DivergedHostRow row, Decision decision) {
        var dao = tx.attach(DivergenceDao.class);
        dao.decide(row.hostId(), decision.word(), actor.name());
        audit.record(
                tx,
                actor,
                "host.restored",
                row.hostId(),
                row.hostId(),
                Map.of("decision", decision.word(), "reason", row.reason()));
        if (decision != Decision.PUSH || row.heldVersion().isEmpty()) {
            return false;
        }
        versions.raiseOver(tx, row.hostId(), row.heldVersion().get());
        dao.done(row.hostId());
        return true;
    }

    private static Problem nothing() {
        return Problem.conflict(
                "nothing_to_decide", "no decision is pending: server and machine have the same schedules");
    }
}
