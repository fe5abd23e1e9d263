package io.resticfleet.server.page;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Predicate;

/** Requests of a page that do not leave the browser before the test lets them. */
public final class Held {

    private final Page page;
    private final Queue<Route> waiting = new ArrayDeque<>();
    private boolean released;

    private Held(Page page) {
        this.page = page;
    }

    /** Holds what the page asks for from now on, where its whole address matches. */
    public static Held requests(Page page, Predicate<String> matching) {
        var held = new Held(page);
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

    /** Returns once the page has asked. */
    public void await() {
        page.waitForCondition(() -> !waiting.isEmpty());
    }

    /** Lets all go, and holds none any more. */
    public void release() {
        released = true;
        while (!waiting.isEmpty()) {
            waiting.remove().resume();
        }
    }
}
