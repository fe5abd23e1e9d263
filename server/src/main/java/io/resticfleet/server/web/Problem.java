package io.resticfleet.server.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.db.StorageRefused;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A rejected request, with a message for the client.
 *
 * <p>Features throw it; {@link #install} turns it into {@code application/problem+json}. Any other exception is a fault
 * of the server: the client gets a reference number, and the log the stack trace.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457, Problem Details for HTTP APIs</a>
 */
public final class Problem extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final Logger log = LoggerFactory.getLogger(Problem.class);

    /** Answers to strangers. */
    private static final Set<Integer> CLOSING = Set.of(401, 404, 405, 408, 429, 503);

    static final String MEDIA_TYPE = "application/problem+json";

    private final int status;
    private final String code;
    private final transient List<Violation> errors;
    private final transient Optional<String> approveCode;

    private Problem(int status, String code, String detail, List<Violation> errors) {
        this(status, code, detail, errors, Optional.empty());
    }

    private Problem(int status, String code, String detail, List<Violation> errors, Optional<String> approveCode) {
        super(detail);
        this.status = status;
        this.code = code;
        this.errors = List.copyOf(errors);
        this.approveCode = approveCode;
    }

    /** 400: the request is invalid, whatever the state of the server. */
    public static Problem invalid(String code, String detail) {
        return new Problem(400, code, detail, List.of());
    }

    /**
     * 400: a body with invalid fields.
     *
     * @param errors at least one; the first supplies code and detail of the problem
     */
    public static Problem invalid(List<Violation> errors) {
        var first = errors.get(0);
        var rest = errors.size() == 1 ? "" : " (and " + (errors.size() - 1) + " more)";
        return new Problem(400, first.code(), first.detail() + rest, errors);
    }

    /** 401: no credentials, or wrong ones. */
    public static Problem unauthenticated(String code, String detail) {
        return new Problem(401, code, detail, List.of());
    }

    /** 403: forbidden, authenticated or not. */
    public static Problem forbidden(String code, String detail) {
        return new Problem(403, code, detail, List.of());
    }

    /** 404: the detail is "there is no {@code what}". */
    public static Problem notFound(String what) {
        return new Problem(404, "not_found", "there is no " + what, List.of());
    }

    /** 408: the body arrives too slowly. */
    public static Problem tooSlow() {
        return new Problem(408, "body_too_slow", "the body arrives too slowly", List.of());
    }

    /** 409: valid, but impossible in the present state. */
    public static Problem conflict(String code, String detail) {
        return new Problem(409, code, detail, List.of());
    }

    /**
     * 409: valid, but in conflict with what is stored.
     *
     * @param errors at least one; the first supplies code and detail of the problem
     */
    public static Problem conflict(List<Violation> errors) {
        return new Problem(409, errors.get(0).code(), errors.get(0).detail(), errors);
    }

    /** 409: impossible until the owner of a machine has approved it there, with this code. */
    public static Problem needsApproval(String code, String detail, String approveCode) {
        return new Problem(409, code, detail, List.of(), Optional.of(approveCode));
    }

    /** 416: there is nothing at the range that was asked for. */
    public static Problem unsatisfiable(String detail) {
        return new Problem(416, "invalid_range", detail, List.of());
    }

    /** 429: too many attempts; the caller sets {@code Retry-After}. */
    public static Problem tooMany(String code, String detail) {
        return new Problem(429, code, detail, List.of());
    }

    /** 503: temporarily impossible. */
    public static Problem unavailable(String code, String detail) {
        return new Problem(503, code, detail, List.of());
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    public List<Violation> errors() {
        return errors;
    }

    /** With which the owner of a machine can allow it there; empty if that is not what it lacks. */
    public Optional<String> approveCode() {
        return approveCode;
    }

    /** Installs the handlers that answer every failed request. */
    public static void install(RoutesConfig routes, ProblemPage page) {
        routes.exception(
                Problem.class,
                (e, ctx) -> answer(
                        ctx, page, new Body("about:blank", e.status, e.code, e.getMessage(), e.errors, e.approveCode)));
        routes.exception(HttpResponseException.class, (e, ctx) -> {
            // Javalin has the methods under one of two names, depending on the Accept header.
            Stream.of("availableMethods", "Available methods")
                    .map(e.getDetails()::get)
                    .filter(Objects::nonNull)
                    .forEach(methods -> ctx.header("Allow", methods));
            answer(
                    ctx,
                    page,
                    of(e.getStatus(), e.getStatus() == 404 ? "there is nothing at " + ctx.path() : e.getMessage()));
        });
        routes.exception(
                StorageRefused.class, (e, ctx) -> answer(ctx, page, body(503, "storage_trouble", e.getMessage())));
        routes.exception(Exception.class, (e, ctx) -> {
            var refusal = refusal(e);
            if (refusal.isPresent()) {
                answer(ctx, page, of(refusal.get().getCode(), refusal.get().getReason()));
                return;
            }
            var reference = UUID.randomUUID().toString().substring(0, 8);
            log.error("request failed ref={} {} {}", reference, ctx.method(), ctx.path(), e);
            answer(ctx, page, of(500, "internal error; see the server's log for " + reference));
        });
    }

    /** Jetty's reason for refusing a request, such as one whose body is badly chunked; empty for any other exception. */
    static Optional<HttpException> refusal(Throwable e) {
        return Stream.iterate(e, Objects::nonNull, Throwable::getCause)
                .limit(8)
                .filter(HttpException.class::isInstance)
                .map(HttpException.class::cast)
                .filter(refusal -> refusal.getCode() < 500 || refusal.getCode() == 503 || refusal.getCode() == 505)
                .findFirst();
    }

    /** A problem without a route, as JSON. */
    static String json(int status, String detail) {
        try {
            return Json.LENIENT.writeValueAsString(of(status, detail));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // strings always become JSON
        }
    }

    private static Body of(int status, String detail) {
        return body(status, code(status), detail);
    }

    private static Body body(int status, String code, String detail) {
        return new Body("about:blank", status, code, detail, List.of(), Optional.empty());
    }

    private static String code(int status) {
        return switch (status) {
            case 400 -> "bad_request";
            case 404 -> "not_found";
            case 405 -> "method_not_allowed";
            case 413 -> "body_too_large";
            case 500 -> "internal";
            case 503 -> "busy";
            default -> "http_" + status;
        };
    }

    private static void answer(Context ctx, ProblemPage page, Body problem) {
        if (ctx.res().isCommitted()) {
            return; // an event stream that broke off: no answer is possible any more
        }
        ctx.status(problem.status());
        if (CLOSING.contains(problem.status())) {
            ctx.header("Connection", "close"); // one answer always fits into the socket's buffer, and holds no thread
        }
        BrowserRules.forbidCaching(ctx); // here too, as a path without a route passes no route handler
        if (wantsHtml(ctx)) {
            page.show(ctx, problem);
        } else {
            ctx.json(problem).contentType(MEDIA_TYPE);
        }
    }

    /** Whether a browser, or htmx in it, asked for a page; never true for the API. */
    private static boolean wantsHtml(Context ctx) {
        var accepted = ctx.header("Accept");
        return !ctx.path().startsWith("/api/")
                && (ctx.header("HX-Request") != null || (accepted != null && accepted.contains("text/html")));
    }

    /**
     * A problem as it is sent.
     *
     * @param code stable, for programs
     * @param detail for people
     * @param errors one for each invalid field; left out if there is none
     * @param approveCode of a restore that the machine's owner can allow there with it; otherwise left out
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Body(
            String type,
            int status,
            String code,
            String detail,
            List<Violation> errors,
            Optional<String> approveCode) {}
}
