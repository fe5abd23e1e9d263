package io.resticfleet.server.web;

import com.fasterxml.jackson.core.JsonGenerator;
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
            // Not closed after a failure: the answer would seem complete.
            Json.LENIENT
                    .writer()
                    .without(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                    .writeValue(ctx.contentType(ContentType.APPLICATION_JSON).outputStream(), answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
