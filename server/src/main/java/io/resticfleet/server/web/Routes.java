package io.resticfleet.server.web;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.websocket.WsConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The table of all routes. The only way to add one, so that none can be without a {@link Gate} before it.
 *
 * <p>Filled once, while the server starts, by one thread.
 */
public final class Routes {

    private final RoutesConfig javalin;
    private final Gate gate;
    private final List<Route> table = new ArrayList<>();

    public Routes(RoutesConfig javalin, Gate gate) {
        this.javalin = javalin;
        this.gate = gate;
    }

    public Described get(String path, Access access, String summary, Handler handler) {
        return add(HandlerType.GET, path, access, summary, handler);
    }

    public Described post(String path, Access access, String summary, Handler handler) {
        return add(HandlerType.POST, path, access, summary, handler);
    }

    public Described put(String path, Access access, String summary, Handler handler) {
        return add(HandlerType.PUT, path, access, summary, handler);
    }

    public Described patch(String path, Access access, String summary, Handler handler) {
        return add(HandlerType.PATCH, path, access, summary, handler);
    }

    public Described delete(String path, Access access, String summary, Handler handler) {
        return add(HandlerType.DELETE, path, access, summary, handler);
    }

    /** Something to look at in a browser; no part of the API. */
    public void page(String path, Access access, Handler handler) {
        add(HandlerType.GET, path, access, "", forBrowsers(handler)).answers(new Route.Html(200));
    }

    /** What a form of a page sends; no part of the API. */
    public void form(String path, Access access, Handler handler) {
        add(HandlerType.POST, path, access, "", forBrowsers(handler)).answers(new Route.Html(200));
    }

    /** A file that pages load. */
    void asset(String path, Handler handler) {
        add(HandlerType.GET, path, Access.OPEN, "", handler).answers(new Route.Html(200));
    }

    /** Nothing but what this server serves is run or shown in its pages, and nobody frames them. */
    private static Handler forBrowsers(Handler handler) {
        return ctx -> {
            BrowserRules.apply(ctx);
            handler.handle(ctx);
        };
    }

    /** A WebSocket; the gate is asked before the upgrade. */
    public void webSocket(String path, Access access, String summary, Consumer<WsConfig> handlers) {
        table.add(Route.of(HandlerType.WEBSOCKET_BEFORE_UPGRADE, path, access, summary));
        javalin.wsBeforeUpgrade(path, ctx -> gate.admit(ctx, access));
        javalin.ws(path, handlers);
    }

    /** Every route there is, in the order in which they were added. */
    public List<Route> table() {
        return List.copyOf(table);
    }

    private Described add(HandlerType method, String path, Access access, String summary, Handler handler) {
        int row = table.size();
        table.add(Route.of(method, path, access, summary));
        javalin.addHttpHandler(method, path, ctx -> {
            BrowserRules.keepNothing(ctx);
            gate.admit(ctx, access);
            handler.handle(ctx);
        });
        return new Described(row);
    }

    /** A route whose description may go on. */
    public final class Described {

        private final int row;

        private Described(int row) {
            this.row = row;
        }

        /** The handler refuses API tokens. */
        public Described bySessionOnly() {
            table.set(row, table.get(row).bySession());
            return this;
        }

        public Described takes(Class<?> body) {
            table.set(row, table.get(row).taking(body));
            return this;
        }

        public Described queries(Query... queries) {
            table.set(row, table.get(row).with(List.of(queries)));
            return this;
        }

        /** The status and the JSON of an answer that is not a problem. */
        public void answers(int status, Class<?> body) {
            answers(new Route.Json(status, body));
        }

        /** As {@link #answers(int, Class)}, with 200 and a {@link Page} of these; takes limit and cursor. */
        public void answersPageOf(Class<?> item) {
            var queries = new ArrayList<>(table.get(row).queries());
            queries.add(Query.number("limit", 1, Page.MOST));
            queries.add(Query.text("cursor"));
            table.set(row, table.get(row).with(List.copyOf(queries)));
            answers(new Route.PageOf(200, item));
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
