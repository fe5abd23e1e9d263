package io.resticfleet.server.summary;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Id;
import io.resticfleet.server.alert.Alerts;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.secret.Hmac;
import io.resticfleet.server.secret.Tokens;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.FleetStatus;
import io.resticfleet.server.status.HostStatus;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/** The figures and badges of the fleet. Safe for use by many threads. */
public final class Summaries {

    /** Stands for all hosts where others have a host's id. */
    private static final String FLEET = "fleet";

    private final Database db;
    private final Fleet fleet;
    private final Alerts alerts;
    private final SharedLinks links;
    private volatile LastBackup lastBackup = new LastBackup(Optional.empty(), Optional.empty());

    /** @param of the status that it was read with: with the same one, it is the same */
    private record LastBackup(Optional<FleetStatus> of, Optional<Instant> at) {}

    public Summaries(Database db, Fleet fleet, Alerts alerts, SharedLinks links) {
        this.db = db;
        this.fleet = fleet;
        this.alerts = alerts;
        this.links = links;
    }

    Summary get() {
        var status = fleet.now();
        var open = alerts.open();
        var health = Health.of(status, open);
        return new Summary(
                status.hosts().size(),
                health.ok(),
                health.needingAttention(),
                open.size(),
                lastBackup(status),
                status.hosts().stream()
                        .flatMap(host -> host.nextBackup().stream())
                        .min(Instant::compareTo));
    }

    private Optional<Instant> lastBackup(FleetStatus status) {
        var known = lastBackup;
        if (known.of().filter(of -> of == status).isEmpty()) {
            known = new LastBackup(
                    Optional.of(status),
                    db.read(handle -> handle.attach(SummaryDao.class).lastBackup()));
            lastBackup = known;
        }
        return known.at();
    }

    /**
     * The path of a host's badge, with its key.
     *
     * @return empty if the keys' secret cannot be stored at present
     */
    public Optional<String> badgePath(HostId hostId) {
        try {
            return Optional.of(path(hostId.value()));
        } catch (StorageRefused e) {
            return Optional.empty();
        }
    }

    /** The path of the badge of all hosts, with its key. */
    public String fleetBadgePath() {
        return path(FLEET);
    }

    private String path(String name) {
        return "/badge/" + name + ".svg?key=" + key(name);
    }

    /** Derived, so that the key of one badge opens no other. */
    private String key(String name) {
        var secret = links.get(SharedLinks.Kind.BADGES).secret();
        return Hmac.sha256(secret, ("badge/" + name).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A badge.
     *
     * @param name id of a host, or {@code fleet}
     * @return empty if there is none with this name and key
     */
    Optional<Badge> badge(String name, String key) {
        if (!name.equals(FLEET) && !Id.matches(name) || !Tokens.same(key(name), key)) {
            return Optional.empty();
        }
        var status = fleet.now();
        var health = Health.of(status, alerts.open());
        return name.equals(FLEET)
                ? Optional.of(Badge.of(status.hosts().size(), health.ok(), health.needingAttention()))
                : status.find(new HostId(name)).map(host -> badge(host, health));
    }

    private static Badge badge(HostStatus host, Health health) {
        return Badge.of(host, health);
    }
}
