package io.resticfleet.server.web;

import io.javalin.http.HandlerType;
import java.util.List;
import java.util.Optional;

/**
 * One route, with everything that its OpenAPI description is generated from.
 *
 * @param path with parameters in braces, as in {@code /api/hosts/{host}}
 * @param summary for people, in a few words
 * @param queries names of the query parameters
 * @param takes type of the request body; absent if there is none
 * @param answer the response on success
 */
public record Route(
        HandlerType method,
        String path,
        Access access,
        String summary,
        List<String> queries,
        Optional<Class<?>> takes,
        Answer answer) {

    /** A response on success. */
    public sealed interface Answer {
        int status();
    }

    /** One value, as JSON. */
    record Json(int status, Class<?> type) implements Answer {}

    /** A {@link Page} of items. */
    record PageOf(int status, Class<?> item) implements Answer {}

    /** Text, a file, a stream, or no content. */
    record Other(int status) implements Answer {}

    /** A page or a part of one: not part of the API. */
    record Html(int status) implements Answer {}

    static Route of(HandlerType method, String path, Access access, String summary) {
        return new Route(method, path, access, summary, List.of(), Optional.empty(), new Other(200));
    }

    Route with(List<String> newQueries) {
        return new Route(method, path, access, summary, newQueries, takes, answer);
    }

    Route taking(Class<?> body) {
        return new Route(method, path, access, summary, queries, Optional.of(body), answer);
    }

    Route answering(Answer newAnswer) {
        return new Route(method, path, access, summary, queries, takes, newAnswer);
    }
}
