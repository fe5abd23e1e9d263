package io.resticfleet.server.rule;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.HostDisks;
import io.resticfleet.server.host.HostQuota;
import io.resticfleet.server.host.HostUsage;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.upgrade.BundledAgent;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What is known of agents that is no part of a host's status. Used by one thread at a time. */
public final class AgentReports {

    /** How long a replacement is shown. */
    static final Duration REPLACED_SHOWN = Duration.ofDays(1);

    private static final Duration READ_EVERY = Duration.ofMinutes(1);

    /** Number of hosts in one statement. */
    private static final int BATCH_SIZE = 500;

    private final Database db;
    private final Agents agents;
    private final HostUsage usage;
    private final HostDisks disks;
    private final Optional<BundledAgent> bundled;
    private Instant readAt = Instant.MAX;
    private Map<HostId, HostQuota> quotas = Map.of();
    private Map<HostId, RuleDao.ReplacedRow> replaced = Map.of();

    /** @param bundled the agent that this server offers; absent if it was built without one */
    public AgentReports(Database db, Agents agents, HostUsage usage, HostDisks disks, Optional<BundledAgent> bundled) {
        this.db = db;
        this.agents = agents;
        this.usage = usage;
        this.disks = disks;
        this.bundled = bundled;
    }

    /** Reads again what changes slowly. */
    void update(List<WatchedHost> hosts, Instant now) {
        if (!now.isBefore(readAt) && now.isBefore(readAt.plus(READ_EVERY))) {
            return;
        }
        var ids = hosts.stream().map(host -> host.status().host().id()).toList();
        var dropping = new HashMap<HostId, HostQuota>();
        for (int from = 0; from < ids.size(); from += BATCH_SIZE) {
            dropping.putAll(usage.today(ids.subList(from, Math.min(from + BATCH_SIZE, ids.size()))));
        }
        dropping.values().removeIf(quota -> !quota.dropsAny());
        quotas = dropping;
        replaced = db.read(handle -> handle.attach(RuleDao.class).replaced(now.minus(REPLACED_SHOWN))).stream()
                .collect(Collectors.toMap(RuleDao.ReplacedRow::hostId, Function.identity()));
        readAt = now;
    }

    /** Today's use of a host that sent more than its quota; empty for others. */
    Optional<HostQuota> quota(HostId hostId) {
        return Optional.ofNullable(quotas.get(hostId));
    }

    /** A replacement of the last day, or of which the former agent has tried to connect in it. */
    Optional<RuleDao.ReplacedRow> replaced(HostId hostId) {
        return Optional.ofNullable(replaced.get(hostId));
    }

    /** Empty if its agent has reported none since this server started. */
    Optional<DiskSpace> disk(HostId hostId) {
        return DiskSpace.of(disks.find(hostId));
    }

    Optional<Instant> clonesFoundAt(HostId hostId) {
        return agents.clones().foundAt(hostId);
    }

    /** Whether this server offers a newer agent. */
    boolean isOutdated(String agentVersion) {
        return bundled.filter(agent -> agent.isNewerThan(agentVersion)).isPresent();
    }
}
