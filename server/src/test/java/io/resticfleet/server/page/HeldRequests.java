package io.resticfleet.server.page;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Predicate;

/** Requests of a page that stay in the browser until the test releases them. */
public final class HeldRequests {

    private final Page page;
    private final Queue<Route> waiting = new ArrayDeque<>();
    private boolean released;

    private HeldRequests(Page page) {
        this.page = page;
    }

    /** Holds the page's requests from now on, if their whole URL matches. */
    public static HeldRequests requests(Page page, Predicate<String> matching) {
        var held = new HeldRequests(page);
        page.route(matching, held::arrives);
        return held;
    }

    private void arrives(Route route) {
        if (released) {
            route.resume();
        } else {
            waiting.add(route);
        }
    }

    /** Returns once a request is held. */
    public void await() {
        page.waitForCondition(() -> !waiting.isEmpty());
    }

    /** Releases all, and holds none from now on. */
    public void release() {
        released = true;
        while (!waiting.isEmpty()) {
            waiting.remove().resume();
        }
    }
}
