package io.resticfleet.server.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.javalin.http.Context;
import io.resticfleet.protocol.Json;
import io.resticfleet.server.db.Change;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.EventStream;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Readmission;
import io.resticfleet.server.web.SharedBudget;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Serves pages, and keeps open pages up to date.
 *
 * <p>Each page's URL has three uses. Without parameters: the page. With {@code ?_live=IDS}: an event stream with the versions
 * of these fragments, now and after each change. With {@code ?_fragments=IDS}: these fragments. A page that was hidden for an
 * hour catches up like one that missed a second, and the server stores nothing for it.
 *
 * <p>A stream ends after a minute, and the browser opens another one: a session that has ended gets no more updates.
 */
public final class LivePages {

    private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);
    private static final Duration MAX_DURATION = Duration.ofSeconds(60);

    /** After a change, all streams read at the next full second: the first one reads, the others share the result. */
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final Duration RECONNECT_SOON = Duration.ofMillis(500);
    private static final Duration RECONNECT_LATER = Duration.ofSeconds(5);

    private final Html html;
    private final Everywhere everywhere;
    private final ChangeSignal changes;
    private final LongSupplier nanoTime;

    /** A further stream ends after the current versions, and the browser reconnects later. */
    private final SharedBudget<Caller> streams = EventStream.slots();

    public LivePages(Html html, Everywhere everywhere, ChangeSignal changes, LongSupplier nanoTime) {
        this.html = html;
        this.everywhere = everywhere;
        this.changes = changes;
        this.nanoTime = nanoTime;
    }

    /** @param page reads the current page */
    public void show(Context ctx, Function<Look, PageModel> page) {
        show(ctx, page, change -> true);
    }

    /** @param matters whether a change can affect what only this page has */
    public void show(Context ctx, Function<Look, PageModel> page, Predicate<Change> matters) {
        var live = ctx.queryParam("_live");
        var fragments = ctx.queryParam("_fragments");
        if (live != null && EventStream.isHead(ctx)) {
            EventStream.open(ctx);
        } else if (live != null) {
            stream(ctx, page, ids(live), matters.or(everywhere::concerns));
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
                model.fragments().stream().limit(1).flatMap(any -> everywhere.fragments(any.viewer()).stream()));
    }

    private void stream(Context ctx, Function<Look, PageModel> page, Set<String> wanted, Predicate<Change> matters) {
        var caller = Caller.of(ctx);
        boolean lasting = ctx.queryParam("_brief") == null && streams.take(caller, 1);
        long began = nanoTime.getAsLong();
        try (var watch = changes.watch(matters);
                var out = EventStream.open(ctx, lasting ? RECONNECT_SOON : RECONNECT_LATER)) {
            var reader = new Reader(out, page, wanted, after(ctx), Readmission.of(ctx, nanoTime));
            follow(watch, reader, began, lasting ? MAX_DURATION : Duration.ZERO);
        } catch (IOException e) {
            // the browser has disconnected
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (lasting) {
                streams.free(caller, 1);
            }
        }
    }

    private void follow(ChangeSignal.Watch watch, Reader reader, long began, Duration maxDuration)
            throws IOException, InterruptedException {
        while (reader.update() && !maxDuration.isZero()) {
            if (watch.await(KEEP_ALIVE)) {
                watch.rest(INTERVAL.toNanos() - Math.floorMod(nanoTime.getAsLong(), INTERVAL.toNanos()));
            } else {
                reader.out.send("alive", "", "{}");
            }
            if (nanoTime.getAsLong() - began >= maxDuration.toNanos() || changes.isStopped()) {
                return;
            }
        }
    }

    /** One open stream. */
    private final class Reader {
        private final EventStream out;
        private final Function<Look, PageModel> page;
        private final Set<String> wanted;
        private final Readmission readmission;
        private Map<String, String> sent = Map.of();
        private long line;

        private Reader(
                EventStream out,
                Function<Look, PageModel> page,
                Set<String> wanted,
                long line,
                Readmission readmission) {
            this.readmission = readmission;
            this.out = out;
            this.page = page;
            this.wanted = wanted;
            this.line = line;
        }

        /** Sends the versions that have changed; returns whether the page still exists. */
        private boolean update() throws IOException {
            try {
                readmission.check();
            } catch (Problem e) {
                return false; // the browser opens another stream, and is refused
            }
            try {
                var model = page.apply(new Look(wanted, OptionalLong.of(line)));
                var now = fragments(model)
                        .filter(fragment -> wanted.contains(fragment.id()))
                        .collect(Collectors.toMap(Fragment::id, Fragment::version));
                var changed = new HashMap<String, String>();
                now.forEach((id, version) -> {
                    if (!version.equals(sent.get(id))) {
                        changed.put(id, version);
                    }
                });
                sent.keySet().stream().filter(id -> !now.containsKey(id)).forEach(id -> changed.put(id, ""));
                if (!changed.isEmpty()) {
                    out.send("versions", "", json(changed));
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
