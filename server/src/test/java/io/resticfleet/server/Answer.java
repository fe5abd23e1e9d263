package io.resticfleet.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.resticfleet.protocol.Wire;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;

/** An answer; its body is missing if it is not JSON. */
public record Answer(int status, JsonNode json, String text, HttpHeaders headers) {

    private static final JsonMapper JSON = Wire.builder().build();

    static Answer of(HttpResponse<String> response) throws IOException {
        var isJson = response.headers()
                .firstValue("Content-Type")
                .filter(type -> type.contains("json") && !type.contains("ndjson"))
                .isPresent();
        return new Answer(
                response.statusCode(),
                isJson ? JSON.readTree(response.body()) : JSON.missingNode(),
                response.body(),
                response.headers());
    }

    /** Of a refusal; empty otherwise. */
    public String code() {
        return json.path("code").asText();
    }

    /** Such as {@code 409 host_offline}, or {@code 202}. */
    public String outcome() {
        return status < 400 ? String.valueOf(status) : status + " " + code();
    }

    /** A piece of the body, such as {@code /schedules/0/id}. */
    public String at(String pointer) {
        return json.at(pointer).asText();
    }
}
