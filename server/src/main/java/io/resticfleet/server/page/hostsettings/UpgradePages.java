package io.resticfleet.server.page.hostsettings;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.enrollment.InstallLine;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.page.frame.Frame;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.upgrade.HostUpgrade;
import io.resticfleet.server.upgrade.Upgrades;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;

/** Shows agents that are older than the one this server carries, and starts upgrades. */
public final class UpgradePages {

    private final Upgrades upgrades;
    private final InstallLine installLine;

    public UpgradePages(Upgrades upgrades, InstallLine installLine) {
        this.upgrades = upgrades;
        this.installLine = installLine;
    }

    public void install(Routes routes) {
        routes.form("/hosts/{host}/upgrade", Access.USER, this::order);
        routes.form("/settings/agents/upgrade", Access.USER, this::orderAll);
    }

    /** The agent of one host. */
    Fragment<UpgradeNote> note(Frame frame, HostId hostId) {
        return new Fragment<>(
                "upgrade",
                "hostsettings/upgrade.jte",
                new UpgradeNote(upgrades.get(hostId), upgrades.offer(), installLine.upgrading(frame.url())),
                frame.viewer());
    }

    /** The agents of all hosts. */
    public AgentsNote agents() {
        var all = upgrades.list();
        return new AgentsNote(
                upgrades.offer(),
                all.stream().filter(HostUpgrade::outdated).toList(),
                all.stream().filter(HostUpgrade::possible).count(),
                upgrades.pausedHosts());
    }

    private void order(Context ctx) {
        upgrades.order(Actor.of(ctx), Requests.host(ctx));
        Redirects.to(ctx, "/hosts/" + Requests.host(ctx) + "/settings");
    }

    private void orderAll(Context ctx) {
        upgrades.orderAll(Actor.of(ctx));
        Redirects.to(ctx, "/settings");
    }
}
