package io.resticfleet.server.page.account;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Id;
import io.resticfleet.protocol.Json;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.audit.AuditEntry;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** The audit log. */
public final class AuditPages {

    private static final int PAGE_SIZE = 50;

    private final Html html;
    private final Frames frames;
    private final Audit audit;
    private final Hosts hosts;

    public AuditPages(Html html, Frames frames, Audit audit, Hosts hosts) {
        this.html = html;
        this.frames = frames;
        this.audit = audit;
        this.hosts = hosts;
    }

    public void install(Routes routes) {
        routes.page("/audit", Access.USER, this::show);
    }

    private void show(Context ctx) {
        var wanted = Requests.query(ctx, "host");
        var page = audit.list(new Page.Request(PAGE_SIZE, Requests.query(ctx, "cursor")), wanted);
        // Encoded: it becomes part of a command that users paste into a shell, and may come from a hostile link.
        var about = wanted.map(id -> "?host=" + URLEncoder.encode(id, StandardCharsets.UTF_8))
                .orElse("");
        html.answer(
                ctx,
                "account/audit.jte",
                new AuditScreen(
                        frames.of(ctx, "audit", "Audit", "/api/audit" + about),
                        wanted.filter(Id::matches)
                                .map(HostId::new)
                                .flatMap(hosts::find)
                                .map(Host::name)
                                .orElse(""),
                        page.items().stream().map(this::line).toList(),
                        page.nextCursor()
                                .map(cursor -> (about.isEmpty() ? "?" : about + "&") + "cursor=" + cursor)
                                .orElse("")));
    }

    private AuditScreen.Line line(AuditEntry entry) {
        var host = entry.hostId().flatMap(hosts::find);
        return new AuditScreen.Line(
                entry.at(),
                entry.actor(),
                entry.action(),
                ActionWords.of(entry.action()),
                about(entry.detail()),
                host.map(Host::id),
                host.map(Host::name).orElse(""),
                entry.address().orElse(""),
                entry.detail().isEmpty() ? "" : json(entry.detail()));
    }

    private static String about(Map<String, Object> detail) {
        for (var version : new String[] {"after", "before"}) {
            if (detail.get(version) instanceof Map<?, ?> thing && thing.get("name") instanceof String name) {
                return name;
            }
        }
        return Optional.ofNullable(detail.get("name"))
                .or(() -> Optional.ofNullable(detail.get("to")))
                .or(() -> Optional.ofNullable(detail.get("hostname")))
                .or(() -> Optional.ofNullable(detail.get("username")))
                .map(String::valueOf)
                .orElse("");
    }

    private static String json(Object value) {
        try {
            return Json.LENIENT.writerWithDefaultPrettyPrinter().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write the detail of an audit entry", e);
        }
    }
}
