package io.resticfleet.server.page.repository;

import io.javalin.http.Context;
import io.resticfleet.server.repository.RepositoryBody;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads the repository fields of a form. Secrets are never written back into a page. */
public final class RepositoryForms {

    private RepositoryForms() {}

    /** The fields that may be shown again: those without secrets. */
    public static Map<String, String> typed(Context ctx) {
        return Map.of(
                "url", Requests.field(ctx, "url").strip(),
                "username", Requests.field(ctx, "username").strip());
    }

    public static RepositoryBody body(Context ctx) {
        return new RepositoryBody(
                Requests.field(ctx, "url").strip(),
                nonEmpty(Requests.field(ctx, "username").strip()),
                nonEmpty(Requests.field(ctx, "password")),
                nonEmpty(Requests.field(ctx, "repo_password")));
    }

    /** Error messages by form field; {@code form} if the problem is about no field. */
    public static Map<String, String> wrong(Problem problem) {
        var wrong = new LinkedHashMap<String, String>();
        problem.errors()
                .forEach(error -> wrong.merge(
                        error.field().replaceFirst("^repository\\.", "").replaceFirst("\\[\\d+]$", ""),
                        error.detail(),
                        (first, second) -> first + "; " + second));
        return wrong.isEmpty() ? Map.of("form", problem.getMessage()) : wrong;
    }

    private static Optional<String> nonEmpty(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }
}
