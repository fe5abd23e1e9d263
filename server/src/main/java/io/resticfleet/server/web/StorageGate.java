package io.resticfleet.server.web;

import io.javalin.http.Context;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.db.StorageTrouble;
import java.util.Set;

/** Turns away whoever would change something while that could not be kept; what room is left is for results. */
public record StorageGate(Database db, Gate before) implements Gate {

    private static final Set<String> SAFE = Set.of("GET", "HEAD");

    /** Without a session nobody could look; tried even when little is left. */
    private static final Set<String> DOORS = Set.of("/login", "/logout", "/api/auth/login", "/api/auth/logout");

    @Override
    public void admit(Context ctx, Access access) {
        before.admit(ctx, access);
        if (!SAFE.contains(ctx.req().getMethod()) && !DOORS.contains(ctx.path())) {
            db.trouble().filter(StorageTrouble::stopsChanges).ifPresent(trouble -> {
                throw new StorageRefused(trouble);
            });
        }
    }
}
