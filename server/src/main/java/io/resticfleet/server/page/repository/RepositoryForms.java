package io.resticfleet.server.page.repository;

import io.javalin.http.Context;
import io.resticfleet.server.repository.RepositoryBody;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A repository as it is typed. Secrets are read, and never written back into a page. */
public final class RepositoryForms {

    private RepositoryForms() {}

    /** What may be shown again. */
    public static Map<String, String> typed(Context ctx) {
        return Map.of(
                "url", Requests.field(ctx, "url").strip(),
                "username", Requests.field(ctx, "username").strip());
    }

    public static RepositoryBody body(Context ctx) {
        return new RepositoryBody(
                Requests.field(ctx, "url").strip(),
                some(Requests.field(ctx, "username").strip()),
                some(Requests.field(ctx, "password")),
                some(Requests.field(ctx, "repo_password")));
    }

    /** By the form's field: what is wrong. */
    public static Map<String, String> wrong(Problem problem) {
        var wrong = new LinkedHashMap<String, String>();
        problem.errors()
                .forEach(error -> wrong.merge(
                        error.field().replaceFirst("^repository\\.", "").replaceFirst("\\[\\d+]$", ""),
                        error.detail(),
                        (first, second) -> first + "; " + second));
        return wrong.isEmpty() ? Map.of("form", problem.getMessage()) : wrong;
    }

    private static Optional<String> some(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }
}
