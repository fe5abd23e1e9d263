package io.resticfleet.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.resticfleet.protocol.Wire;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;

/** A response of the API. The JSON is missing if the body is something else. */
public record ApiResponse(int status, JsonNode json, String text, HttpHeaders headers) {

    private static final JsonMapper JSON = Wire.builder().build();

    static ApiResponse of(HttpResponse<String> response) throws IOException {
        var isJson = response.headers()
                .firstValue("Content-Type")
                .filter(type -> type.contains("json") && !type.contains("ndjson"))
                .isPresent();
        return new ApiResponse(
                response.statusCode(),
                isJson ? JSON.readTree(response.body()) : JSON.missingNode(),
                response.body(),
                response.headers());
    }

    /** The error code; empty if there is none. */
    public String code() {
        return json.path("code").asText();
    }

    /** Such as {@code 409 host_offline}, or {@code 202}. */
    public String outcome() {
        return status < 400 ? String.valueOf(status) : status + " " + code();
    }

    /** The text at a JSON pointer, such as {@code /schedules/0/id}. */
    public String at(String pointer) {
        return json.at(pointer).asText();
    }
}
