package io.resticfleet.server.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.websocket.WsConfig;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The route table. The only way to add a route, so that none can bypass the {@link Gate}.
 *
 * <p>Filled once at start, by one thread.
 */
public final class Routes {

    /** Answered in any case: it must show that the server lives. */
    public static final String HEALTH_PATH = "/healthz";

    private final RoutesConfig javalin;
    private final Gate gate;
    private final OpenRequests open = new OpenRequests();
    private final List<Route> table = new ArrayList<>();

    public Routes(RoutesConfig javalin, Gate gate) {
        this.javalin = javalin;
        this.gate = gate;
    }

    public RouteDescription get(String path, Access access, String summary, Handler handler) {
        return add(HandlerType.GET, path, access, summary, handler);
    }

    public RouteDescription post(String path, Access access, String summary, Handler handler) {
        return add(HandlerType.POST, path, access, summary, handler);
    }

    /** Adds a route whose handler reads the body as it arrives, however long it is: see {@link UploadBody}. */
    public RouteDescription upload(String path, Access access, String summary, Handler handler) {
        return add(HandlerType.POST, path, access, summary, handler).takes(InputStream.class);
    }

    public RouteDescription put(String path, Access access, String summary, Handler handler) {
        return add(HandlerType.PUT, path, access, summary, handler);
    }

    public RouteDescription patch(String path, Access access, String summary, Handler handler) {
        return add(HandlerType.PATCH, path, access, summary, handler);
    }

    public RouteDescription delete(String path, Access access, String summary, Handler handler) {
        return add(HandlerType.DELETE, path, access, summary, handler);
    }

    /** Adds a page for browsers; not part of the API. An API token needs the scope read. */
    public RouteDescription page(String path, Access access, Handler handler) {
        var page = add(HandlerType.GET, path, access, "", forBrowsers(handler));
        page.answers(new Route.Html(200));
        return page;
    }

    /** Adds the target of a page's form; not part of the API. An API token needs every scope. */
    public void form(String path, Access access, Handler handler) {
        Handler checked = ctx -> {
            Requests.checkForm(ctx);
            handler.handle(ctx);
        };
        var form = add(HandlerType.POST, path, access, "", forBrowsers(checked));
        if (access == Access.USER) {
            form.scopes(Scope.ALL);
        }
        form.answers(new Route.Html(200));
    }

    /** Adds a static file of the pages. */
    void asset(String path, Handler handler) {
        add(HandlerType.GET, path, Access.OPEN, "", handler).answers(new Route.Html(200));
    }

    private static Handler forBrowsers(Handler handler) {
        return ctx -> {
            BrowserRules.apply(ctx);
            handler.handle(ctx);
        };
    }

    /** Adds a WebSocket; the gate checks the request before the upgrade. */
    public void webSocket(String path, Access access, String summary, Consumer<WsConfig> handlers) {
        table.add(Route.of(HandlerType.WEBSOCKET_BEFORE_UPGRADE, path, access, summary));
        javalin.wsBeforeUpgrade(path, ctx -> gate.admit(ctx, access));
        javalin.ws(path, handlers);
    }

    /** All routes, in the order in which they were added. */
    public List<Route> table() {
        return List.copyOf(table);
    }

    private RouteDescription add(HandlerType method, String path, Access access, String summary, Handler handler) {
        int row = table.size();
        table.add(Route.of(method, path, access, summary));
        Handler guarded = ctx -> {
            BrowserRules.forbidCaching(ctx);
            if (!table.get(row).isUpload()) {
                Requests.checkEncoding(ctx);
            }
            Runnable admission = () -> admit(ctx, table.get(row));
            Readmission.attach(ctx, admission);
            admission.run();
            if (access != Access.USER && !path.equals(HEALTH_PATH)) {
                open.enter(ctx);
            }
            handler.handle(ctx);
        };
        javalin.addHttpHandler(method, path, guarded);
        if (method.equals(HandlerType.GET)) {
            // Javalin would answer 200 to all, without the gate. Jetty leaves out the body.
            javalin.addHttpHandler(HandlerType.HEAD, path, guarded);
        }
        return new RouteDescription(row);
    }

    private void admit(Context ctx, Route route) {
        gate.admit(ctx, route.access());
        Caller.find(ctx).ifPresent(caller -> caller.require(route.scopes()));
    }

    /** Adds details to the description of a route. */
    public final class RouteDescription {

        private final int row;

        private RouteDescription(int row) {
            this.row = row;
        }

        /** The handler refuses API tokens. */
        public RouteDescription bySessionOnly() {
            table.set(row, table.get(row).bySession());
            return this;
        }

        /** An API token needs this scope, instead of the usual one: read to look at something, write for all else. */
        public RouteDescription scope(Scope scope) {
            return scopes(Set.of(scope));
        }

        /** Any valid API token may call it. */
        public RouteDescription anyScope() {
            return scopes(Set.of());
        }

        /** An API token needs all of these. */
        public RouteDescription scopes(Set<Scope> scopes) {
            table.set(row, table.get(row).needing(scopes));
            return this;
        }

        public RouteDescription takes(Class<?> body) {
            table.set(row, table.get(row).taking(body));
            return this;
        }

        /** As {@link #takes}, but the body may be left out. */
        public RouteDescription takesOptionally(Class<?> body) {
            table.set(row, table.get(row).takingOptionally(body));
            return this;
        }

        public RouteDescription queries(Query... queries) {
            table.set(row, table.get(row).with(List.of(queries)));
            return this;
        }

        /** Status and JSON body of the response on success. */
        public void answers(int status, Class<?> body) {
            answers(new Route.Json(status, body));
        }

        /** Status 200 and a {@link Page}; adds the query parameters {@code limit} and {@code cursor}. */
        public void answersPageOf(Class<?> item) {
            paged();
            answers(new Route.PageOf(200, item));
        }

        /** Adds the query parameters {@code limit} and {@code cursor}. */
        public RouteDescription paged() {
            var queries = new ArrayList<>(table.get(row).queries());
            queries.add(Query.number("limit", 1, Page.MAX_LIMIT));
            queries.add(Query.text("cursor"));
            table.set(row, table.get(row).with(List.copyOf(queries)));
            return this;
        }

        /** As {@link #answers(int, Class)}, for an answer of one of these media types, or none. */
        public void answers(int status, String... mediaTypes) {
            answers(new Route.Other(status, List.of(mediaTypes)));
        }

        private void answers(Route.Answer answer) {
            table.set(row, table.get(row).answering(answer));
        }
    }
}
