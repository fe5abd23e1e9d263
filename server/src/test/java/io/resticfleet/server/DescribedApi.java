package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import io.resticfleet.protocol.Json;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A server that is called by its own description: requests and answers must be what its schemas say, and no more. */
final class DescribedApi {

    private static final String ID = "https://fleet.example.org/openapi.json";

    private final TestServer server;
    private final JsonNode document;
    private final SchemaRegistry schemas;
    private final Set<String> called;
    private final String[] credentials;

    private DescribedApi(
            TestServer server, JsonNode document, SchemaRegistry schemas, Set<String> called, String[] credentials) {
        this.server = server;
        this.document = document;
        this.schemas = schemas;
        this.called = called;
        this.credentials = credentials;
    }

    static DescribedApi of(TestServer server) throws Exception {
        var document = server.api().get("/api/openapi.json").json();
        var strict = document.deepCopy();
        refuseMore(strict);
        var schemas = SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12,
                builder -> builder.schemas(Map.of(ID, strict.toString()))
                        .schemaRegistryConfig(SchemaRegistryConfig.builder()
                                .formatAssertionsEnabled(true)
                                .build()));
        return new DescribedApi(server, document, schemas, new TreeSet<>(), new String[] {
            "Authorization", "Bearer " + server.api().token()
        });
    }

    /** Methods and paths that were called with success so far, such as {@code get /api/hosts}. */
    Set<String> called() {
        return called;
    }

    /** The same API, called with other credentials. */
    DescribedApi as(String header, String value) {
        return new DescribedApi(server, document, schemas, called, new String[] {header, value});
    }

    ApiResponse get(String path, String... values) throws Exception {
        return call("GET", path, "", values);
    }

    ApiResponse post(String path, Object body, String... values) throws Exception {
        return call("POST", path, body, values);
    }

    /**
     * Calls a route and compares.
     *
     * @param path as described, with parameters in braces; a query may follow
     * @param body {@code ""} for none
     * @param values of the parameters, in order
     */
    ApiResponse call(String method, String path, Object body, String... values) throws Exception {
        var filled = path;
        for (var value : values) {
            filled = filled.replaceFirst("\\{\\w+}", value);
        }
        var text = ApiClient.json(body);
        var answer = server.api().request(method, filled, text, credentials);
        var described =
                "/paths/" + path.replaceFirst("\\?.*", "").replace("/", "~1") + "/" + method.toLowerCase(Locale.ROOT);
        assertThat(document.at(described).isObject())
                .as("%s %s is described", method, path)
                .isTrue();
        var name = method + " " + filled;
        if (answer.status() >= 400) {
            compare(name, answer, described + "/responses/default");
            return answer;
        }
        if (!text.isEmpty()) {
            assertFits(name, described + "/requestBody/content/application~1json/schema", text);
        }
        compare(name, answer, described + "/responses/" + answer.status());
        called.add(method.toLowerCase(Locale.ROOT) + " " + path.replaceFirst("\\?.*", ""));
        return answer;
    }

    private void compare(String name, ApiResponse answer, String described) throws IOException {
        var response = document.at(described);
        assertThat(response.isObject())
                .as("%s answers %s %s, which is described", name, answer.status(), answer.text())
                .isTrue();
        var type = answer.headers().firstValue("Content-Type").map(text -> text.replaceFirst(";.*", ""));
        if (!response.has("content")) {
            assertThat(answer.text()).as(name).isEmpty();
            return;
        }
        assertThat(type)
                .as(name)
                .hasValueSatisfying(media -> assertThat(response.path("content").has(media))
                        .as("%s answers %s", name, media)
                        .isTrue());
        var schema = described + "/content/" + type.orElseThrow().replace("/", "~1") + "/schema";
        if (document.at(schema).isObject()) {
            assertFits(name, schema, answer.text());
        }
    }

    private void assertFits(String name, String pointer, String text) throws IOException {
        var schema = schemas.getSchema(
                SchemaLocation.of(ID + "#" + pointer.replace("{", "%7B").replace("}", "%7D")));
        assertThat(schema.validate(Json.STRICT.readTree(text)))
                .as("%s: %s", name, text)
                .isEmpty();
    }

    /** A field that is not described is a mistake of the description, which itself allows more. */
    private static void refuseMore(JsonNode node) {
        if (node.path("properties").isObject() && !node.has("additionalProperties")) {
            ((ObjectNode) node).put("additionalProperties", false);
        }
        node.forEach(DescribedApi::refuseMore);
    }
}
