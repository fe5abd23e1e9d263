package io.resticfleet.server.page.hostsettings;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.host.HostPolicies;
import io.resticfleet.server.host.HostUsage;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.page.host.HostFrames;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A host's settings: name, facts, policy, upgrade and deletion. */
public final class HostSettingsPages {

    private static final String PATH = "/hosts/{host}/settings";

    private final Html html;
    private final LivePages livePages;
    private final HostFrames frames;
    private final HostConfigs configs;
    private final UpgradePages upgrades;
    private final TrustPages trust;
    private final HostPolicies policies;
    private final HostUsage usage;
    private final DrillPages drills;

    public HostSettingsPages(
            Html html,
            LivePages livePages,
            HostFrames frames,
            HostConfigs configs,
            HostPolicies policies,
            HostUsage usage,
            UpgradePages upgrades,
            TrustPages trust,
            DrillPages drills) {
        this.drills = drills;
        this.trust = trust;
        this.upgrades = upgrades;
        this.html = html;
        this.livePages = livePages;
        this.frames = frames;
        this.configs = configs;
        this.policies = policies;
        this.usage = usage;
    }

    public void install(Routes routes) {
        routes.page(PATH, Access.USER, ctx -> livePages.show(ctx, look -> look(ctx)));
        routes.form(PATH, Access.USER, this::rename);
        routes.form("/hosts/{host}/delete", Access.USER, this::delete);
    }

    private HostSettingsScreen look(Context ctx) {
        var status = frames.status(ctx);
        return screen(ctx, status, status.host().name(), Map.of());
    }

    private void rename(Context ctx) {
        var status = frames.status(ctx);
        var name = Requests.field(ctx, "name").strip();
        try {
            configs.change(
                    Actor.of(ctx), status.host().id(), Optional.of(name), Optional.empty(), HostConfigs.When.OPENED);
            Redirects.saved(ctx, "/hosts/" + status.host().id() + "/settings");
        } catch (Problem e) {
            refuse(ctx, e.status(), screen(ctx, status, name, Map.of("name", e.getMessage())));
        }
    }

    private void delete(Context ctx) {
        var status = frames.status(ctx);
        if (!Requests.field(ctx, "confirm").strip().equals(status.host().name())) {
            var wrong = Map.of("confirm", "type the machine's name to confirm the deletion");
            refuse(ctx, 400, screen(ctx, status, status.host().name(), wrong));
            return;
        }
        configs.delete(Actor.of(ctx), status.host().id());
        Redirects.to(ctx, "/");
    }

    private void refuse(Context ctx, int status, HostSettingsScreen screen) {
        ctx.status(status);
        html.answer(ctx, screen.template(), screen);
    }

    private HostSettingsScreen screen(Context ctx, HostStatus status, String name, Map<String, String> wrong) {
        var frame = frames.of(ctx, status, "settings", "");
        var host = status.host();
        var upgrade = upgrades.note(frame.frame(), host.id());
        return new HostSettingsScreen(
                frame,
                host,
                policies.find(host.id()),
                usage.today(List.of(host.id())).get(host.id()),
                name,
                wrong,
                upgrade,
                trust.of(host, frame.frame().viewer()),
                drills.of(host.id()),
                status.expected());
    }
}
