package io.resticfleet.server.web;

import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A piece of a long list.
 *
 * @param nextCursor give it back as {@code ?cursor=} for the next piece; null when there is none
 */
public record Page<T>(List<T> items, Optional<String> nextCursor) {

    private static final int USUAL = 100;
    static final int MOST = 1_000;

    /**
     * What the caller asked for.
     *
     * @param limit 1 to 1,000
     * @param cursor of the last item already seen; absent at the start
     */
    public record Request(int limit, Optional<String> cursor) {

        /** @throws Problem 400 {@code invalid_limit} */
        public static Request of(Context ctx) {
            var limit = Requests.query(ctx, "limit")
                    .map(text -> Requests.valid("limit", "invalid_limit", Request::limit, text))
                    .orElse(USUAL);
            return new Request(limit, Requests.query(ctx, "cursor"));
        }

        private static int limit(String text) {
            if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MOST) {
                throw new IllegalArgumentException("limit must be 1 to " + MOST + " but is '" + text + "'");
            }
            return Integer.parseInt(text);
        }
    }

    /**
     * Makes a page of rows that were fetched with one more than the limit, to see whether there are more.
     *
     * @param cursor of a row: what the next page starts after
     */
    public static <T> Page<T> of(List<T> oneMore, Request request, Function<T, String> cursor) {
        if (oneMore.size() <= request.limit()) {
            return new Page<>(oneMore, Optional.empty());
        }
        var items = oneMore.subList(0, request.limit());
        return new Page<>(List.copyOf(items), Optional.of(cursor.apply(items.get(items.size() - 1))));
    }
}
