package io.resticfleet.server.page.account;

import io.javalin.http.Context;
import io.resticfleet.server.auth.ApiTokens;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The form of a new API token, as it was sent.
 *
 * @param scopes names of those that are ticked
 * @param days after which it expires; empty for never
 */
record TokenForm(String name, List<String> scopes, String days) {

    static final TokenForm EMPTY =
            new TokenForm("", Arrays.stream(Scope.values()).map(Scope::word).toList(), "");

    /** Choices of {@link #days}, with their words. */
    static final List<Map.Entry<String, String>> EXPIRIES = List.of(
            Map.entry("", "never"),
            Map.entry("7", "after 7 days"),
            Map.entry("30", "after 30 days"),
            Map.entry("90", "after 90 days"),
            Map.entry("365", "after a year"));

    static TokenForm of(Context ctx) {
        return new TokenForm(
                Requests.field(ctx, "name").strip(), Requests.fields(ctx, "scope"), Requests.field(ctx, "days"));
    }

    /** @throws Problem 400 {@code invalid_expires_at} for a number of days that the form does not offer */
    ApiTokens.Wanted wanted(Instant now) {
        if (EXPIRIES.stream().noneMatch(choice -> choice.getKey().equals(days))) {
            throw Problem.invalid("invalid_expires_at", "choose when it expires");
        }
        return new ApiTokens.Wanted(
                name,
                Optional.of(scopes),
                days.isEmpty() ? Optional.empty() : Optional.of(now.plus(Duration.ofDays(Long.parseLong(days)))));
    }

    /** The error message, by the field that it belongs to. */
    Map<String, String> wrong(Problem problem) {
        var field = switch (problem.code()) {
            case "invalid_scopes", "scope_missing" -> "scope";
            case "invalid_expires_at" -> "days";
            default -> "name";
        };
        return Map.of(field, field.equals("scope") ? "tick at least one" : problem.getMessage());
    }

    boolean ticked(Scope scope) {
        return scopes.contains(scope.word());
    }

    /** What a scope is for, in words. */
    static String words(Scope scope) {
        return switch (scope) {
            case READ -> "look at everything but the contents of files";
            case RUN -> "start and cancel jobs";
            case WRITE -> "change everything, and so run commands on machines that allow them";
            case RESTORE -> "restore and download files";
            case METRICS -> "read the figures for Prometheus";
        };
    }
}
