package io.resticfleet.server;

import io.javalin.config.JavalinConfig;
import io.javalin.json.JavalinJackson;
import io.resticfleet.protocol.Json;
import io.resticfleet.server.web.JettyProblems;
import io.resticfleet.server.web.OpenBodies;
import io.resticfleet.server.web.Route;
import io.resticfleet.server.web.Site;
import java.util.List;
import java.util.function.Supplier;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.handler.MinimumDataRateHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Settings of Javalin and Jetty: threads, and limits for clients that send too much, too slowly, or nonsense. */
final class HttpSetup {

    /** Each open event stream occupies one. */
    private static final int MAX_THREADS = 250;

    private static final int MIN_THREADS = 4;

    /** Of a request's body. */
    private static final int MIN_BYTES_PER_SECOND = 10;

    /** Far more than agents and browsers need, but few enough for the memory; further ones wait to be accepted. */
    static final int MAX_CONNECTIONS = 5_000;

    private HttpSetup() {}

    /** @param routes called at start, when all are known */
    static void configure(JavalinConfig javalin, Site site, Supplier<List<Route>> routes) {
        javalin.startup.showJavalinBanner = false;
        javalin.startup.showOldJavalinVersionWarning = false;
        javalin.startup.startupWatcherEnabled = false;
        javalin.http.prefer405over404 = true;
        javalin.jsonMapper(new JavalinJackson(Json.LENIENT, false));
        javalin.jetty.threadPool = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
        javalin.jetty.modifyHttpConfiguration(http -> {
            http.setSendServerVersion(false);
            http.setUriCompliance(UriCompliance.RFC3986); // no path with two meanings, and no broken escapes
        });
        var problems = new JettyProblems();
        javalin.jetty.modifyServer(server -> {
            server.setErrorHandler(problems);
            server.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, server));
            server.insertHandler(OpenBodies.handler(routes.get(), site));
            server.insertHandler(new MinimumDataRateHandler(MIN_BYTES_PER_SECOND, 0));
        });
        javalin.jetty.modifyServletContextHandler(servlets -> servlets.setErrorHandler(problems));
    }
}
