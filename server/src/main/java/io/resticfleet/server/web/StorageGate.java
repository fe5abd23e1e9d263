package io.resticfleet.server.web;

import io.javalin.http.Context;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.db.StorageTrouble;
import java.util.Set;

/** Rejects changes while the disk is full, failing or read-only. The space that is left is for results of agents. */
public record StorageGate(Database db, Gate authentication) implements Gate {

    private static final Set<String> SAFE = Set.of("GET", "HEAD");

    /** Allowed anyway: without a session, nobody could look at the pages. */
    private static final Set<String> SIGN_IN = Set.of("/login", "/logout", "/api/auth/login", "/api/auth/logout");

    @Override
    public void admit(Context ctx, Access access) {
        authentication.admit(ctx, access);
        if (!SAFE.contains(ctx.req().getMethod()) && !SIGN_IN.contains(ctx.path())) {
            db.trouble().filter(StorageTrouble::stopsChanges).ifPresent(trouble -> {
                throw new StorageRefused(trouble);
            });
        }
    }
}
