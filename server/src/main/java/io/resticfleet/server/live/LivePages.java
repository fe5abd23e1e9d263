package io.resticfleet.server.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.javalin.http.Context;
import io.resticfleet.protocol.Json;
import io.resticfleet.server.web.EventStream;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Shows screens, and keeps those that are open up to date.
 *
 * <p>One URL gives three things. Without more: the page. With {@code ?_live=IDS}: a stream of events that names the
 * version of each of these pieces, and of each that changes from then on. With {@code ?_pieces=IDS}: these pieces. So a
 * page that was out of sight for an hour catches up as one does that missed a second, and nothing is kept here for it.
 *
 * <p>A stream ends after a minute and the browser opens another, so that a session that has ended sees nothing more.
 */
public final class LivePages {

    private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    /** Between two looks for one reader. */
    private static final Duration BREATH = Duration.ofMillis(500);

    /** Each holds a thread. Who comes later is told how things are now, and to come again. */
    private static final int MOST_STREAMS = 100;

    private static final Duration AGAIN_SOON = Duration.ofMillis(500);
    private static final Duration AGAIN_LATER = Duration.ofSeconds(5);

    private final Html html;
    private final Function<Viewer, Fragment<?>> everywhere;
    private final ChangeSignal changes;
    private final LongSupplier nanoTime;
    private final Semaphore streams = new Semaphore(MOST_STREAMS);

    /** @param everywhere is a piece of every screen */
    public LivePages(Html html, Function<Viewer, Fragment<?>> everywhere, ChangeSignal changes, LongSupplier nanoTime) {
        this.html = html;
        this.everywhere = everywhere;
        this.changes = changes;
        this.nanoTime = nanoTime;
    }

    /** @param look finds the screen as it is now; given the ids of the pieces that are of interest, none for all */
    public void show(Context ctx, Function<Set<String>, PageModel> look) {
        var live = ctx.queryParam("_live");
        var fragments = ctx.queryParam("_pieces");
        if (live != null) {
            stream(ctx, look, ids(live));
        } else if (fragments != null) {
            var wanted = ids(fragments);
            Html.send(
                    ctx,
                    fragments(look.apply(wanted))
                            .filter(fragment -> wanted.contains(fragment.id()))
                            .map(fragment -> html.render(fragment.template(), fragment))
                            .collect(Collectors.joining("\n")));
        } else {
            var screen = look.apply(Set.of());
            html.answer(ctx, screen.template(), screen);
        }
    }

    private Stream<Fragment<?>> fragments(PageModel screen) {
        return Stream.concat(
                screen.fragments().stream(),
                screen.fragments().stream().limit(1).map(any -> everywhere.apply(any.viewer())));
    }

    private void stream(Context ctx, Function<Set<String>, PageModel> look, Set<String> wanted) {
        boolean lasting = ctx.queryParam("_brief") == null && streams.tryAcquire();
        long began = nanoTime.getAsLong();
        try {
            var out = EventStream.open(ctx, lasting ? AGAIN_SOON : AGAIN_LATER);
            follow(new Reader(out, look, wanted, after(ctx)), began, lasting ? LONGEST : Duration.ZERO);
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

    private void follow(Reader reader, long began, Duration longest) throws IOException, InterruptedException {
        do {
            long seen = changes.count();
            if (!reader.tell()) {
                return;
            }
            if (longest.isZero()) {
                return;
            }
            if (changes.await(seen, KEEP_ALIVE)) {
                // Whatever else is about to happen is told in one go.
                changes.await(Long.MAX_VALUE, BREATH);
            } else {
                reader.out.send("alive", "", "{}");
            }
        } while (nanoTime.getAsLong() - began < longest.toNanos() && !changes.isStopped());
    }

    /** One open stream. */
    private final class Reader {
        private final EventStream out;
        private final Function<Set<String>, PageModel> look;
        private final Set<String> wanted;
        private Map<String, String> told = Map.of();
        private long line;

        private Reader(EventStream out, Function<Set<String>, PageModel> look, Set<String> wanted, long line) {
            this.out = out;
            this.look = look;
            this.wanted = wanted;
            this.line = line;
        }

        /** Tells what is not as it was told before; returns whether there is anything left to look at. */
        private boolean tell() throws IOException {
            try {
                var screen = look.apply(wanted);
                var now = fragments(screen)
                        .filter(fragment -> wanted.contains(fragment.id()))
                        .collect(Collectors.toMap(Fragment::id, Fragment::version));
                var news = new HashMap<String, String>();
                now.forEach((id, version) -> {
                    if (!version.equals(told.get(id))) {
                        news.put(id, version);
                    }
                });
                told.keySet().stream().filter(id -> !now.containsKey(id)).forEach(id -> news.put(id, ""));
                if (!news.isEmpty()) {
                    out.send("versions", "", json(news));
                }
                told = now;
                tellTail(screen.tail(line));
                return true;
            } catch (Problem e) {
                out.send("gone", "", json(Map.of("detail", e.getMessage()))); // deleted meanwhile
                return false;
            }
        }

        private void tellTail(Optional<PageModel.Tail> tail) throws IOException {
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
