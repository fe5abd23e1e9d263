package io.resticfleet.server.web;

import io.javalin.http.ContentType;
import io.javalin.http.Context;
import io.resticfleet.protocol.Json;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Answers that may have megabytes. */
public final class LargeAnswer {

    private LargeAnswer() {}

    /** As {@link Context#json}, without the whole answer in memory. */
    public static void json(Context ctx, Object answer) {
        try {
            Json.LENIENT.writeValue(
                    ctx.contentType(ContentType.APPLICATION_JSON).outputStream(), answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
