package io.resticfleet.server.audit;

import io.javalin.http.Context;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Query;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;

/** The audit log over HTTP. */
public final class AuditRoutes {

    private final Audit audit;

    public AuditRoutes(Audit audit) {
        this.audit = audit;
    }

    public void install(Routes routes) {
        routes.get("/api/audit", Access.USER, "List the audit log, newest first", this::list)
                .queries(Query.text("host"))
                .answersPageOf(AuditEntry.class);
    }

    private void list(Context ctx) {
        ctx.json(audit.list(Page.Request.of(ctx), Requests.query(ctx, "host")));
    }
}
