package io.resticfleet.server.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.javalin.http.ContentType;
import io.javalin.http.Context;
import io.resticfleet.protocol.Json;

/** Answers that may have megabytes. */
public final class LargeAnswer {

    private LargeAnswer() {}

    /** As {@link Context#json}, which makes a text of the whole answer first: three times the memory. */
    public static void json(Context ctx, Object answer) {
        try {
            ctx.contentType(ContentType.APPLICATION_JSON).result(Json.LENIENT.writeValueAsBytes(answer));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write an answer", e);
        }
    }
}
