package io.resticfleet.server.web;

import io.javalin.http.HandlerType;
import java.util.List;
import java.util.Optional;

/**
 * One line of the API: what it is, for whom, and what goes in and out. The API's description is made from it.
 *
 * @param path with parameters in braces, as in {@code /api/hosts/{host}}
 * @param summary for people, in a few words
 * @param credentials with which it can be called: an API {@code token}, a {@code session}; empty if it needs neither
 * @param takes the body's type; absent if it has none
 * @param answer when all went well
 */
public record Route(
        HandlerType method,
        String path,
        Access access,
        String summary,
        List<String> credentials,
        List<Query> queries,
        Optional<Class<?>> takes,
        Answer answer) {

    /** What comes back when all went well. */
    public sealed interface Answer {
        int status();
    }

    /** One value, as JSON. */
    record Json(int status, Class<?> type) implements Answer {}

    /** A {@link Page} of them. */
    record PageOf(int status, Class<?> item) implements Answer {}

    /** Text, a file or a stream of one of these media types; of none, nothing at all. */
    record Other(int status, List<String> mediaTypes) implements Answer {}

    /** For people and their browsers: no part of the API. */
    record Html(int status) implements Answer {}

    static Route of(HandlerType method, String path, Access access, String summary) {
        var credentials = access == Access.USER ? List.of("token", "session") : List.<String>of();
        return new Route(
                method, path, access, summary, credentials, List.of(), Optional.empty(), new Other(200, List.of()));
    }

    Route with(List<Query> newQueries) {
        return new Route(method, path, access, summary, credentials, newQueries, takes, answer);
    }

    Route bySession() {
        return new Route(method, path, access, summary, List.of("session"), queries, takes, answer);
    }

    Route taking(Class<?> body) {
        return new Route(method, path, access, summary, credentials, queries, Optional.of(body), answer);
    }

    Route answering(Answer newAnswer) {
        return new Route(method, path, access, summary, credentials, queries, takes, newAnswer);
    }
}
