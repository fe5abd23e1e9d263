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

/** Calls a server, and checks each request and response against its OpenAPI description; unknown fields are errors. */
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
    DescribedApi as(String... headers) {
        return new DescribedApi(server, document, schemas, called, headers);
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
        var response = server.api().request(method, filled, text, credentials);
        var described =
                "/paths/" + path.replaceFirst("\\?.*", "").replace("/", "~1") + "/" + method.toLowerCase(Locale.ROOT);
        assertThat(document.at(described).isObject())
                .as("%s %s is described", method, path)
                .isTrue();
        var name = method + " " + filled;
        if (response.status() >= 400) {
            compare(name, response, described + "/responses/default");
            return response;
        }
        if (!text.isEmpty()) {
            assertFits(name, described + "/requestBody/content/application~1json/schema", text);
        }
        compare(name, response, described + "/responses/" + response.status());
        called.add(method.toLowerCase(Locale.ROOT) + " " + path.replaceFirst("\\?.*", ""));
        return response;
    }

    private void compare(String name, ApiResponse response, String described) throws IOException {
        var description = document.at(described);
        assertThat(description.isObject())
                .as("%s returns %s %s, which is described", name, response.status(), response.text())
                .isTrue();
        var type = response.headers().firstValue("Content-Type").map(text -> text.replaceFirst(";.*", ""));
        if (!description.has("content")) {
            assertThat(response.text()).as(name).isEmpty();
            return;
        }
        assertThat(type)
                .as(name)
                .hasValueSatisfying(
                        media -> assertThat(description.path("content").has(media))
                                .as("%s returns %s", name, media)
                                .isTrue());
        var schema = described + "/content/" + type.orElseThrow().replace("/", "~1") + "/schema";
        if (document.at(schema).isObject()) {
            assertFits(name, schema, response.text());
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
