package io.resticfleet.server.page.hostsettings;

import io.javalin.http.Context;
import io.resticfleet.protocol.DrillSample;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.drill.Drills;
import io.resticfleet.server.drill.WeeklyDrillChange;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.List;
import java.util.Optional;

/** The weekly drill of a host. */
public final class DrillPages {

    private static final long MEBIBYTE = 1024 * 1024;

    private final Drills drills;

    public DrillPages(Drills drills) {
        this.drills = drills;
    }

    public void install(Routes routes) {
        routes.form("/hosts/{host}/weekly-drill", Access.USER, this::change);
    }

    private void change(Context ctx) {
        boolean enabled = !Requests.field(ctx, "enabled").isEmpty();
        var sample = new DrillSample(
                number(ctx, "files").map(Math::toIntExact),
                number(ctx, "mebibytes").map(mebibytes -> mebibytes * MEBIBYTE),
                Optional.empty());
        drills.change(
                Actor.of(ctx),
                Requests.host(ctx),
                new WeeklyDrillChange(Optional.of(enabled), Optional.of(sample).filter(given -> enabled)));
        Redirects.saved(ctx, "/hosts/" + Requests.host(ctx) + "/settings");
    }

    private static Optional<Long> number(Context ctx, String field) {
        var text = Requests.field(ctx, field).strip();
        if (!text.matches("[0-9]{0,6}")) {
            throw Problem.invalid(
                    List.of(new Violation(field, "wrong_type", "this must be a whole number but is '" + text + "'")));
        }
        return Optional.of(text).filter(given -> !given.isEmpty()).map(Long::valueOf);
    }

    /** What the settings page shows of it. */
    DrillNote of(HostId hostId) {
        return DrillNote.of(drills.weekly(hostId));
    }
}
