package io.resticfleet.server.web;

import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One page of a long list.
 *
 * @param nextCursor value of {@code ?cursor=} for the next page; null on the last one
 */
public record Page<T>(List<T> items, Optional<String> nextCursor) {

    /** Sorts after each ULID: the cursor of the first page of a list that starts with the newest. */
    public static final String AFTER_ALL_IDS = "~";

    private static final int DEFAULT_LIMIT = 100;
    static final int MAX_LIMIT = 1_000;

    /**
     * The requested part of the list.
     *
     * @param limit 1 to 1,000
     * @param cursor of the last item of the page before; absent for the first page
     */
    public record Request(int limit, Optional<String> cursor) {

        /** @throws Problem 400 {@code invalid_limit} */
        public static Request of(Context ctx) {
            var limit = Requests.query(ctx, "limit")
                    .map(text -> Requests.valid("limit", "invalid_limit", Request::limit, text))
                    .orElse(DEFAULT_LIMIT);
            return new Request(limit, Requests.query(ctx, "cursor"));
        }

        private static int limit(String text) {
            if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MAX_LIMIT) {
                throw new IllegalArgumentException("limit must be 1 to " + MAX_LIMIT + " but is '" + text + "'");
            }
            return Integer.parseInt(text);
        }
    }

    /**
     * Makes a page from the rows of a query.
     *
     * @param rows fetched with {@code LIMIT limit + 1}: the extra row shows that there is a next page
     * @param cursor the cursor of a row; the next page starts after it
     */
    public static <T> Page<T> of(List<T> rows, Request request, Function<T, String> cursor) {
        if (rows.size() <= request.limit()) {
            return new Page<>(rows, Optional.empty());
        }
        var items = rows.subList(0, request.limit());
        return new Page<>(List.copyOf(items), Optional.of(cursor.apply(items.get(items.size() - 1))));
    }
}
