package io.resticfleet.server.page;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.enrollment.InstallLine;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.upgrade.HostUpgrade;
import io.resticfleet.server.upgrade.Upgrades;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Routes;

/** Agents that are older than this server's: shown, and upgraded. */
final class UpgradePages {

    private final Upgrades upgrades;
    private final InstallLine installLine;

    UpgradePages(Upgrades upgrades, InstallLine installLine) {
        this.upgrades = upgrades;
        this.installLine = installLine;
    }

    void install(Routes routes) {
        routes.form("/hosts/{host}/upgrade", Access.USER, this::order);
        routes.form("/settings/agents/upgrade", Access.USER, this::orderAll);
    }

    /** Of one machine. */
    Fragment<UpgradeNote> note(Frame frame, String hostId) {
        return new Fragment<>(
                "upgrade",
                "upgrade.jte",
                new UpgradeNote(upgrades.get(hostId), upgrades.offer(), installLine.again(frame.url())),
                frame.viewer());
    }

    /** Of all. */
    AgentsNote agents() {
        var all = upgrades.list();
        return new AgentsNote(
                upgrades.offer(),
                all.stream().filter(HostUpgrade::outdated).toList(),
                all.stream().filter(HostUpgrade::possible).count());
    }

    private void order(Context ctx) {
        upgrades.order(Actor.of(ctx), ctx.pathParam("host"));
        RedirectPages.to(ctx, "/hosts/" + ctx.pathParam("host") + "/settings");
    }

    private void orderAll(Context ctx) {
        upgrades.orderAll(Actor.of(ctx));
        RedirectPages.to(ctx, "/settings");
    }
}
