package io.resticfleet.server.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.javalin.http.Context;
import io.resticfleet.protocol.Json;
import io.resticfleet.server.db.Change;
import io.resticfleet.server.web.EventStream;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Answers requests for pages, and keeps those that are open up to date.
 *
 * <p>One URL gives three things. Without more: the page. With {@code ?_live=IDS}: a stream of events with the version of
 * each of these fragments, and of each that changes from then on. With {@code ?_fragments=IDS}: these fragments. So a page
 * that was out of sight for an hour catches up as one does that missed a second, and nothing is kept here for it.
 *
 * <p>A stream ends after a minute and the browser opens another, so that a session that has ended sees nothing more.
 */
public final class LivePages {

    private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    /** After a change, all streams look at the next full second: the first one reads, the others share the result. */
    private static final Duration TURN = Duration.ofSeconds(1);

    /** Each holds a thread. A later one gets the versions as they are now, and comes again. */
    private static final int MOST_STREAMS = 100;

    private static final Duration AGAIN_SOON = Duration.ofMillis(500);
    private static final Duration AGAIN_LATER = Duration.ofSeconds(5);

    private final Html html;
    private final Function<Viewer, Fragment<?>> everywhere;
    private final ChangeSignal changes;
    private final LongSupplier nanoTime;
    private final Semaphore streams = new Semaphore(MOST_STREAMS);

    /** @param everywhere is a fragment of every page */
    public LivePages(Html html, Function<Viewer, Fragment<?>> everywhere, ChangeSignal changes, LongSupplier nanoTime) {
        this.html = html;
        this.everywhere = everywhere;
        this.changes = changes;
        this.nanoTime = nanoTime;
    }

    /** @param page finds the page as it is now */
    public void show(Context ctx, Function<Look, PageModel> page) {
        show(ctx, page, change -> true);
    }

    /** @param matters whether a change can change what the page shows */
    public void show(Context ctx, Function<Look, PageModel> page, Predicate<Change> matters) {
        var live = ctx.queryParam("_live");
        var fragments = ctx.queryParam("_fragments");
        if (live != null) {
            stream(ctx, page, ids(live), matters);
        } else if (fragments != null) {
            var wanted = ids(fragments);
            Html.send(
                    ctx,
                    fragments(page.apply(new Look(wanted, OptionalLong.empty())))
                            .filter(fragment -> wanted.contains(fragment.id()))
                            .map(fragment -> html.render(fragment.template(), fragment))
                            .collect(Collectors.joining("\n")));
        } else {
            var model = page.apply(Look.WHOLE_PAGE);
            html.answer(ctx, model.template(), model);
        }
    }

    private Stream<Fragment<?>> fragments(PageModel model) {
        return Stream.concat(
                model.fragments().stream(),
                model.fragments().stream().limit(1).map(any -> everywhere.apply(any.viewer())));
    }

    private void stream(Context ctx, Function<Look, PageModel> page, Set<String> wanted, Predicate<Change> matters) {
        boolean lasting = ctx.queryParam("_brief") == null && streams.tryAcquire();
        long began = nanoTime.getAsLong();
        try (var watch = changes.watch(matters)) {
            var out = EventStream.open(ctx, lasting ? AGAIN_SOON : AGAIN_LATER);
            follow(watch, new Reader(out, page, wanted, after(ctx)), began, lasting ? LONGEST : Duration.ZERO);
        } catch (IOException e) {
            // the reader has gone
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (lasting) {
                streams.release();
            }
        }
    }

    private void follow(ChangeSignal.Watch watch, Reader reader, long began, Duration longest)
            throws IOException, InterruptedException {
        while (reader.look() && !longest.isZero()) {
            if (watch.await(KEEP_ALIVE)) {
                watch.rest(TURN.toNanos() - Math.floorMod(nanoTime.getAsLong(), TURN.toNanos()));
            } else {
                reader.out.send("alive", "", "{}");
            }
            if (nanoTime.getAsLong() - began >= longest.toNanos() || changes.isStopped()) {
                return;
            }
        }
    }

    /** One open stream. */
    private final class Reader {
        private final EventStream out;
        private final Function<Look, PageModel> page;
        private final Set<String> wanted;
        private Map<String, String> sent = Map.of();
        private long line;

        private Reader(EventStream out, Function<Look, PageModel> page, Set<String> wanted, long line) {
            this.out = out;
            this.page = page;
            this.wanted = wanted;
            this.line = line;
        }

        /** Sends what is not as it was sent before; returns whether there is anything left to look at. */
        private boolean look() throws IOException {
            try {
                var model = page.apply(new Look(wanted, OptionalLong.of(line)));
                var now = fragments(model)
                        .filter(fragment -> wanted.contains(fragment.id()))
                        .collect(Collectors.toMap(Fragment::id, Fragment::version));
                var news = new HashMap<String, String>();
                now.forEach((id, version) -> {
                    if (!version.equals(sent.get(id))) {
                        news.put(id, version);
                    }
                });
                sent.keySet().stream().filter(id -> !now.containsKey(id)).forEach(id -> news.put(id, ""));
                if (!news.isEmpty()) {
                    out.send("versions", "", json(news));
                }
                sent = now;
                sendTail(model.tail());
                return true;
            } catch (Problem e) {
                out.send("gone", "", json(Map.of("detail", e.getMessage()))); // deleted meanwhile
                return false;
            }
        }

        private void sendTail(Optional<PageModel.Tail> tail) throws IOException {
            if (tail.isPresent()) {
                line = tail.get().last();
                out.send(
                        "tail",
                        String.valueOf(line),
                        json(List.of(
                                tail.get().into(),
                                html.render(tail.get().template(), tail.get().model()))));
            }
        }
    }

    private static Set<String> ids(String list) {
        return Set.copyOf(List.of(list.split("[. ]", 500)));
    }

    private static long after(Context ctx) {
        var id = ctx.header("Last-Event-ID") != null ? ctx.header("Last-Event-ID") : ctx.queryParam("_after");
        return id != null && id.matches("[0-9]{1,18}") ? Long.parseLong(id) : 0;
    }

    private static String json(Object value) {
        try {
            return Json.LENIENT.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // strings always become JSON
        }
    }
}
