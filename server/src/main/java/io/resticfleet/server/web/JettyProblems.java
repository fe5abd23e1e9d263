package io.resticfleet.server.web;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Answers the requests that Jetty refuses before any route sees them, such as with a malformed header or path: as a {@link
 * Problem}, or to a browser as a small page.
 */
public final class JettyProblems extends ErrorHandler {

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        var refusal = cause(request);
        int status = refusal.map(HttpException::getCode).orElse(response.getStatus());
        var reason = refusal.map(HttpException::getReason).orElse(HttpStatus.getMessage(status));
        response.setStatus(status);
        var headers = response.getHeaders();
        headers.put(HttpHeader.CACHE_CONTROL, "no-store");
        headers.put("X-Content-Type-Options", "nosniff");
        boolean html = wantsHtml(request);
        headers.put(HttpHeader.CONTENT_TYPE, html ? "text/html;charset=utf-8" : Problem.MEDIA_TYPE);
        if (html) {
            BrowserRules.apply(headers::put);
        }
        var body = html ? page(status) : Problem.json(status, status == 404 ? "there is nothing at this path" : reason);
        if (HttpStatus.hasNoBody(status) || "HEAD".equals(request.getMethod())) {
            response.write(true, null, callback);
        } else {
            response.write(true, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), callback);
        }
        return true;
    }

    private static Optional<HttpException> cause(Request request) {
        return Problem.refusal((Throwable) request.getAttribute(ERROR_EXCEPTION));
    }

    private static boolean wantsHtml(Request request) {
        var path = Optional.ofNullable(request.getHttpURI().getPath()).orElse("");
        var accepted = request.getHeaders().get(HttpHeader.ACCEPT);
        return !path.startsWith("/api/") && accepted != null && accepted.contains("text/html");
    }

    private static String page(int status) {
        return "<!doctype html><html lang=\"en\"><title>restic-fleet</title><h1>Request failed</h1><p>"
                + HttpStatus.getMessage(status) + ".</p></html>\n";
    }
}
