package io.resticfleet.server.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.victools.jsonschema.generator.CustomDefinition;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaBuilder;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.module.jackson.JacksonModule;
import com.github.victools.jsonschema.module.jackson.JacksonOption;
import io.javalin.http.HandlerType;
import io.resticfleet.protocol.RepositoryUrl;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The API's description, generated from the route table and the request and response records, so that it cannot differ
 * from the code.
 *
 * @see <a href="https://spec.openapis.org/oas/v3.1.1.html">OpenAPI 3.1</a>
 */
public final class OpenApi {

    private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)}");
    private static final PropertyNamingStrategies.SnakeCaseStrategy SNAKE =
            new PropertyNamingStrategies.SnakeCaseStrategy();

    private final List<Route> routes;
    private final String version;
    private final SchemaBuilder schemas = schemas();

    private OpenApi(List<Route> routes, String version) {
        this.routes = routes;
        this.version = version;
    }

    /** Describes every route except pages and the agents' WebSocket. Takes a few hundred milliseconds. */
    public static JsonNode describe(List<Route> routes, String version) {
        return new OpenApi(routes, version).document();
    }

    private JsonNode document() {
        var document = object().put("openapi", "3.1.0");
        document.putObject("info").put("title", "restic-fleet").put("version", version);
        var paths = document.putObject("paths");
        routes.stream()
                .filter(route -> route.method() != HandlerType.WEBSOCKET_BEFORE_UPGRADE)
                .filter(route -> !(route.answer() instanceof Route.Html))
                .forEach(route -> paths.withObjectProperty(route.path())
                        .set(route.method().name().toLowerCase(Locale.ROOT), operation(route)));
        var components = document.putObject("components");
        var security = components.putObject("securitySchemes");
        security.putObject("token").put("type", "http").put("scheme", "bearer");
        security.putObject("session").put("type", "apiKey").put("in", "cookie").put("name", "rf_session");
        components.set("schemas", schemas.collectDefinitions("components/schemas"));
        return document;
    }

    private ObjectNode operation(Route route) {
        var operation = object().put("summary", route.summary());
        if (route.access() == Access.USER) {
            var either = operation.putArray("security");
            either.addObject().putArray("token");
            either.addObject().putArray("session");
        }
        var parameters = operation.putArray("parameters");
        PARAMETER
                .matcher(route.path())
                .results()
                .forEach(found -> parameters
                        .addObject()
                        .put("name", found.group(1))
                        .put("in", "path")
                        .put("required", true)
                        .putObject("schema")
                        .put("type", "string"));
        route.queries()
                .forEach(name -> parameters
                        .addObject()
                        .put("name", name)
                        .put("in", "query")
                        .putObject("schema")
                        .put("type", name.equals("limit") ? "integer" : "string"));
        route.takes()
                .ifPresent(body -> operation
                        .putObject("requestBody")
                        .put("required", true)
                        .set("content", json("application/json", schemas.createSchemaReference(body))));
        var responses = operation.putObject("responses");
        responses.set(String.valueOf(route.answer().status()), answer(route.answer()));
        responses
                .putObject("default")
                .put("description", "the request failed")
                .set("content", json("application/problem+json", schemas.createSchemaReference(Problem.Body.class)));
        return operation;
    }

    private ObjectNode answer(Route.Answer answer) {
        var response = object().put("description", "success");
        if (answer instanceof Route.Json one) {
            response.set("content", json("application/json", schemas.createSchemaReference(one.type())));
        } else if (answer instanceof Route.PageOf page) {
            var schema = object().put("type", "object");
            var properties = schema.putObject("properties");
            properties.putObject("items").put("type", "array").set("items", schemas.createSchemaReference(page.item()));
            properties.putObject("next_cursor").putArray("type").add("string").add("null");
            response.set("content", json("application/json", schema));
        }
        return response;
    }

    private static ObjectNode json(String mediaType, JsonNode schema) {
        var content = object();
        content.putObject(mediaType).set("schema", schema);
        return content;
    }

    private static SchemaBuilder schemas() {
        var config = new SchemaGeneratorConfigBuilder(SchemaVersion.DRAFT_2020_12, OptionPreset.PLAIN_JSON)
                .with(new JacksonModule(JacksonOption.FLATTENED_ENUMS_FROM_JSONVALUE))
                .with(Option.FLATTENED_OPTIONALS)
                .with(Option.DEFINITIONS_FOR_ALL_OBJECTS)
                .without(Option.FLATTENED_ENUMS_FROM_TOSTRING);
        config.forFields()
                .withPropertyNameOverrideResolver(field -> SNAKE.translate(field.getName()))
                .withNullableCheck(field -> field.isFakeContainerItemScope()
                        ? null
                        : Optional.class.isAssignableFrom(field.getRawMember().getType()));
        config.forTypesInGeneral()
                .withSubtypeResolver((type, context) -> type.getErasedType().isSealed()
                        ? Stream.of(type.getErasedType().getPermittedSubclasses())
                                .map(one -> context.getTypeContext().resolveSubtype(type, one))
                                .toList()
                        : null);
        config.forTypesInGeneral().withCustomDefinitionProvider((type, context) -> {
            if (type.getErasedType() == Instant.class) {
                return inline(object().put("type", "string").put("format", "date-time"));
            }
            return type.getErasedType() == RepositoryUrl.class ? inline(object().put("type", "string")) : null;
        });
        return new SchemaGenerator(config.build()).buildMultipleSchemaDefinitions();
    }

    private static CustomDefinition inline(ObjectNode schema) {
        return new CustomDefinition(schema, true);
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
