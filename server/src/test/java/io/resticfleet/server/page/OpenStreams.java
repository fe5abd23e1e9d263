package io.resticfleet.server.page;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import java.util.HashSet;
import java.util.Set;

/** Counts the event streams that a tab has open. Playwright updates the count only while the test waits in it. */
final class OpenStreams {

    private final Page page;
    private final Set<Request> open = new HashSet<>();

    private OpenStreams(Page page) {
        this.page = page;
    }

    /** @param page that has loaded nothing yet */
    static OpenStreams of(Page page) {
        var streams = new OpenStreams(page);
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
