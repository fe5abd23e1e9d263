package io.resticfleet.server;

import io.javalin.http.Context;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.server.config.ServerVersion;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StorageTrouble;
import io.resticfleet.server.enrollment.EnrollmentRoutes;
import io.resticfleet.server.upgrade.BundledAgent;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.AsyncBody;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Routes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Routes without sign-in: health, version, the agent's jar and install script, and the API's description. */
final class SystemRoutes {

    /** @param protocol of the agents' WebSocket */
    record Version(String version, int protocol) {}

    /** @param storage {@code ok}, or the code of the problem with disk or database */
    record Health(String status, String storage) {}

    private final Database db;

    SystemRoutes(Database db) {
        this.db = db;
    }

    void install(Routes routes) {
        routes.get(Routes.HEALTH_PATH, Access.OPEN, "Whether the server answers", this::health)
                .answers(200, Health.class);
        routes.get(
                        "/api/version",
                        Access.OPEN,
                        "The server's version and agent protocol",
                        ctx -> ctx.json(new Version(ServerVersion.text(), Protocol.VERSION)))
                .answers(200, Version.class);
        routes.get(Protocol.AGENT_JAR_PATH, Access.OPEN, "The agent's jar", SystemRoutes::agentJar)
                .answers(200, "application/java-archive");
        routes.get(
                        EnrollmentRoutes.INSTALL_SCRIPT_PATH,
                        Access.OPEN,
                        "The agent's install script",
                        SystemRoutes::installScript)
                .answers(200, "text/x-shellscript");
        routes.get("/api/openapi.json", Access.OPEN, "This OpenAPI description", SystemRoutes::openApi)
                .answers(200, "application/json");
    }

    private void health(Context ctx) {
        ctx.header("Connection", "close"); // a client that does not read its answers holds no thread
        ctx.json(new Health("ok", db.trouble().map(StorageTrouble::code).orElse("ok")));
    }

    private static void agentJar(Context ctx) throws IOException {
        ctx.contentType("application/java-archive");
        AsyncBody.send(ctx, BundledAgent.jar().orElseThrow(SystemRoutes::noAgent));
    }

    private static void installScript(Context ctx) throws IOException {
        var agent = BundledAgent.find().orElseThrow(SystemRoutes::noAgent);
        ctx.contentType("text/x-shellscript; charset=utf-8");
        AsyncBody.send(ctx, new ByteArrayInputStream(agent.installScript().getBytes(StandardCharsets.UTF_8)));
    }

    private static Problem noAgent() {
        return Problem.notFound("agent in this build of the server; build it with make build");
    }

    private static void openApi(Context ctx) throws IOException {
        var made = Optional.ofNullable(SystemRoutes.class.getResourceAsStream("/openapi.json"));
        ctx.contentType("application/json");
        AsyncBody.send(
                ctx, made.orElseThrow(() -> Problem.notFound("OpenAPI description in this build of the server")));
    }
}
