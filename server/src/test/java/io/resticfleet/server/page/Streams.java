package io.resticfleet.server.page;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import java.util.HashSet;
import java.util.Set;

/** The streams of events that a tab has open. Told by its browser, which says so while the test waits for something. */
final class Streams {

    private final Page page;
    private final Set<Request> open = new HashSet<>();

    private Streams(Page page) {
        this.page = page;
    }

    /** @param page that has not gone anywhere yet */
    static Streams of(Page page) {
        var streams = new Streams(page);
        page.onRequest(request -> {
            if (request.url().contains("_live=")) {
                streams.open.add(request);
            }
        });
        page.onRequestFinished(streams.open::remove);
        page.onRequestFailed(streams.open::remove);
        return streams;
    }

    void awaitOpen(int count) {
        page.waitForCondition(() -> open.size() == count);
    }
}
