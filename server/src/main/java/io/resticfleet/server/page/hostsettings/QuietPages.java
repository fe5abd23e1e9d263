package io.resticfleet.server.page.hostsettings;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.host.Expectations;
import io.resticfleet.server.host.ExpectationsChange;
import io.resticfleet.server.host.HostSilences;
import io.resticfleet.server.host.Pauses;
import io.resticfleet.server.host.UntilAndReason;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.page.frame.Toast;
import io.resticfleet.server.page.frame.UntilField;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** When a host is to alarm: what is expected of it, and times in which nothing runs, or nothing is announced. */
public final class QuietPages {

    private static final String ONE = "/hosts/{host}";

    private final Html html;
    private final Expectations expectations;
    private final HostSilences silences;
    private final Pauses pauses;
    private final HostConfigs configs;
    private final InstantSource clock;

    public QuietPages(
            Html html,
            Expectations expectations,
            HostSilences silences,
            Pauses pauses,
            HostConfigs configs,
            InstantSource clock) {
        this.html = html;
        this.expectations = expectations;
        this.silences = silences;
        this.pauses = pauses;
        this.configs = configs;
        this.clock = clock;
    }

    public void install(Routes routes) {
        routes.form(ONE + "/expectations", Access.USER, this::expect);
        routes.form(ONE + "/silence", Access.USER, this::silence);
        routes.form(ONE + "/unsilence", Access.USER, this::unsilence);
        routes.form(ONE + "/pause", Access.USER, this::pause);
        routes.form(ONE + "/resume", Access.USER, this::resume);
    }

    private void expect(Context ctx) {
        boolean comesAndGoes = !Requests.field(ctx, "comes_and_goes").isEmpty();
        expectations.change(
                Actor.of(ctx),
                Requests.host(ctx),
                new ExpectationsChange(Optional.of(comesAndGoes), Optional.of(days(ctx))));
        Redirects.saved(ctx, path(ctx, "/settings"));
    }

    /** 0 for none. */
    private static int days(Context ctx) {
        var text = Requests.field(ctx, "stale_after_days").strip();
        if (!text.matches("[0-9]{0,4}")) {
            throw Problem.invalid(List.of(new Violation(
                    "stale_after_days", "wrong_type", "the days must be a whole number but are '" + text + "'")));
        }
        return text.isEmpty() ? 0 : Integer.parseInt(text);
    }

    private void silence(Context ctx) {
        silences.silence(Actor.of(ctx), Requests.host(ctx), wanted(ctx));
        Redirects.saved(ctx, path(ctx, "/settings"));
    }

    private void unsilence(Context ctx) {
        silences.end(Actor.of(ctx), Requests.host(ctx));
        done(ctx, "The silence has ended: you are told again of what is wrong.");
    }

    private void pause(Context ctx) {
        var host = Requests.host(ctx);
        pauses.pause(Actor.of(ctx), host, wanted(ctx));
        configs.push(host);
        Redirects.saved(ctx, path(ctx, "/settings"));
    }

    private void resume(Context ctx) {
        var host = Requests.host(ctx);
        pauses.resume(Actor.of(ctx), host);
        configs.push(host);
        done(ctx, "Resumed: the schedules run again.");
    }

    private UntilAndReason wanted(Context ctx) {
        return new UntilAndReason(UntilField.of(ctx, clock), Optional.of(Requests.field(ctx, "reason")));
    }

    private void done(Context ctx, String words) {
        if (ctx.header("HX-Request") != null) {
            html.answer(ctx, "frame/toast.jte", Toast.done(words, "", ""));
        } else {
            Redirects.to(ctx, path(ctx, ""));
        }
    }

    private static String path(Context ctx, String tab) {
        HostId host = Requests.host(ctx);
        return "/hosts/" + host + tab;
    }
}
