package io.resticfleet.server.web;

import io.javalin.http.HandlerType;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One route, with everything that its OpenAPI description is generated from.
 *
 * @param path with parameters in braces, as in {@code /api/hosts/{host}}
 * @param summary for people, in a few words
 * @param credentials accepted: an API {@code token}, a {@code session}; empty if none is needed
 * @param scopes that an API token needs, all of them
 * @param takes type of the request body; absent if there is none, {@code InputStream} for any bytes
 * @param bodyRequired false if the route may be called without what it takes
 * @param answer the response on success
 */
public record Route(
        HandlerType method,
        String path,
        Access access,
        String summary,
        List<String> credentials,
        Set<Scope> scopes,
        List<Query> queries,
        Optional<Class<?>> takes,
        boolean bodyRequired,
        Answer answer) {

    /** A response on success. */
    public sealed interface Answer {
        int status();
    }

    /** One value, as JSON. */
    record Json(int status, Class<?> type) implements Answer {}

    /** A {@link Page} of items. */
    public record PageOf(int status, Class<?> item) implements Answer {}

    /** Text, a file or a stream of one of these media types; no content if there is none. */
    record Other(int status, List<String> mediaTypes) implements Answer {}

    /** A page or a part of one: not part of the API. */
    record Html(int status) implements Answer {}

    static Route of(HandlerType method, String path, Access access, String summary) {
        boolean bySomebody = access == Access.USER || access == Access.USER_OR_LOCAL;
        return new Route(
                method,
                path,
                access,
                summary,
                bySomebody ? List.of("token", "session") : List.of(),
                bySomebody ? Set.of(method.equals(HandlerType.GET) ? Scope.READ : Scope.WRITE) : Set.of(),
                List.of(),
                Optional.empty(),
                true,
                new Other(200, List.of()));
    }

    /** Whether its body is no whole value, but bytes that are used as they arrive. */
    boolean isUpload() {
        return takes.equals(Optional.of(InputStream.class));
    }

    Route with(List<Query> newQueries) {
        return new Route(method, path, access, summary, credentials, scopes, newQueries, takes, bodyRequired, answer);
    }

    Route bySession() {
        return new Route(
                method, path, access, summary, List.of("session"), scopes, queries, takes, bodyRequired, answer);
    }

    Route needing(Set<Scope> newScopes) {
        return new Route(method, path, access, summary, credentials, newScopes, queries, takes, bodyRequired, answer);
    }

    Route taking(Class<?> body) {
        return new Route(method, path, access, summary, credentials, scopes, queries, Optional.of(body), true, answer);
    }

    Route takingOptionally(Class<?> body) {
        return new Route(method, path, access, summary, credentials, scopes, queries, Optional.of(body), false, answer);
    }

    Route answering(Answer newAnswer) {
        return new Route(method, path, access, summary, credentials, scopes, queries, takes, bodyRequired, newAnswer);
    }
}
