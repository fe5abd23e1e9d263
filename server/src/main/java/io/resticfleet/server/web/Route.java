package io.resticfleet.server.web;

import io.javalin.http.HandlerType;
import java.util.Optional;

/**
 * One line of the API: what it is, for whom, and what goes in and out. The API's description is made from it.
 *
 * @param path with parameters in braces, as in {@code /api/hosts/{host}}
 * @param summary for people, in a few words
 * @param takes the body's type; absent if it has none
 * @param status of the answer when all went well
 * @param answers the answer's type; absent if it has none, or is not JSON
 */
public record Route(
        HandlerType method,
        String path,
        Access access,
        String summary,
        Optional<Class<?>> takes,
        int status,
        Optional<Class<?>> answers) {

    static Route of(HandlerType method, String path, Access access, String summary) {
        return new Route(method, path, access, summary, Optional.empty(), 200, Optional.empty());
    }

    Route taking(Class<?> body) {
        return new Route(method, path, access, summary, Optional.of(body), status, answers);
    }

    Route answering(int newStatus, Optional<Class<?>> body) {
        return new Route(method, path, access, summary, takes, newStatus, body);
    }
}
