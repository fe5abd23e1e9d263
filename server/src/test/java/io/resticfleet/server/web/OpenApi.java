package io.resticfleet.server.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.victools.jsonschema.generator.CustomDefinition;
import com.github.victools.jsonschema.generator.FieldScope;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaBuilder;
import com.github.victools.jsonschema.generator.SchemaGenerationContext;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.module.jackson.JacksonModule;
import com.github.victools.jsonschema.module.jackson.JacksonOption;
import io.javalin.http.HandlerType;
import io.resticfleet.protocol.Json;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

    /** Whether a route is part of the description. */
    public static boolean describes(Route route) {
        return route.method() != HandlerType.WEBSOCKET_BEFORE_UPGRADE && !(route.answer() instanceof Route.Html);
    }

    private JsonNode document() {
        var document = object().put("openapi", "3.1.0");
        document.putObject("info").put("title", "restic-fleet").put("version", version);
        var paths = document.putObject("paths");
        routes.stream()
                .filter(OpenApi::describes)
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
        route.credentials()
                .forEach(scheme -> operation.withArray("security").addObject().putArray(scheme));
        if (route.credentials().contains("token")) {
            operation.put("description", scopes(route));
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
                .forEach(query -> parameters
                        .addObject()
                        .put("name", query.name())
                        .put("in", "query")
                        .set("schema", schema(query)));
        route.takes()
                .ifPresent(body -> operation
                        .putObject("requestBody")
                        .put("required", route.bodyRequired())
                        .set("content", content(body)));
        var responses = operation.putObject("responses");
        responses.set(String.valueOf(route.answer().status()), answer(route.answer()));
        responses
                .putObject("default")
                .put("description", "the request failed")
                .set("content", content("application/problem+json", schemas.createSchemaReference(Problem.Body.class)));
        return operation;
    }

    private static String scopes(Route route) {
        var words = route.scopes().stream().sorted().map(Scope::word).toList();
        return words.isEmpty()
                ? "Any API token may call it."
                : "Scope of an API token: " + String.join(" and ", words) + ".";
    }

    private static ObjectNode schema(Query query) {
        if (query.most() > 0) {
            return object().put("type", "integer").put("minimum", query.least()).put("maximum", query.most());
        }
        var schema = object().put("type", "string");
        if (!query.words().isEmpty()) {
            query.words().forEach(schema.withArray("enum")::add);
        }
        return schema;
    }

    private ObjectNode answer(Route.Answer answer) {
        var response = object().put("description", "success");
        if (answer instanceof Route.Json one) {
            response.set("content", content("application/json", schemas.createSchemaReference(one.type())));
        } else if (answer instanceof Route.PageOf page) {
            var schema = object().put("type", "object");
            var properties = schema.putObject("properties");
            properties.putObject("items").put("type", "array").set("items", schemas.createSchemaReference(page.item()));
            properties.putObject("next_cursor").putArray("type").add("string").add("null");
            schema.putArray("required").add("items").add("next_cursor");
            response.set("content", content("application/json", schema));
        } else if (answer instanceof Route.Other other && !other.mediaTypes().isEmpty()) {
            var content = response.putObject("content");
            other.mediaTypes().forEach(content::putObject);
        }
        return response;
    }

    private ObjectNode content(Class<?> body) {
        return body == InputStream.class
                ? content("application/octet-stream", object())
                : content("application/json", schemas.createSchemaReference(body));
    }

    private static ObjectNode content(String mediaType, JsonNode schema) {
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
                .withNullableCheck(field -> field.isFakeContainerItemScope() ? null : isOptional(field))
                .withRequiredCheck(field -> !isOptional(field) && !isLeftOutIfEmpty(field));
        config.forTypesInGeneral()
                .withSubtypeResolver((type, context) -> type.getErasedType().isSealed()
                        ? Stream.of(type.getErasedType().getPermittedSubclasses())
                                .map(one -> context.getTypeContext().resolveSubtype(type, one))
                                .toList()
                        : null)
                .withDefinitionNamingStrategy(
                        (key, context) -> name(key.getType().getErasedType()))
                .withCustomDefinitionProvider((type, context) ->
                        definition(type.getErasedType(), context).orElse(null));
        return new SchemaGenerator(config.build()).buildMultipleSchemaDefinitions();
    }

    /** Such as {@code JobView} or {@code JobView.Progress}; names must be of letters, digits, dots, dashes and underscores. */
    private static String name(Class<?> type) {
        return type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
    }

    private static boolean isOptional(FieldScope field) {
        return Optional.class.isAssignableFrom(field.getRawMember().getType());
    }

    private static boolean isLeftOutIfEmpty(FieldScope field) {
        var own = field.getAnnotationConsideringFieldAndGetter(JsonInclude.class);
        if (own != null && own.value() == JsonInclude.Include.NON_DEFAULT) {
            return true;
        }
        var include = field.getRawMember().getDeclaringClass().getAnnotation(JsonInclude.class);
        return include != null
                && include.value() == JsonInclude.Include.NON_EMPTY
                && Collection.class.isAssignableFrom(field.getRawMember().getType());
    }

    /** Of types that Jackson does not write as objects with their fields; inline, as they are short. */
    private static Optional<CustomDefinition> definition(Class<?> type, SchemaGenerationContext context) {
        if (type == Instant.class) {
            return Optional.of(inline(object().put("type", "string").put("format", "date-time")));
        }
        if (Map.class.isAssignableFrom(type)) {
            return Optional.of(inline(object().put("type", "object")));
        }
        var json = Json.LENIENT.getSerializationConfig();
        return Optional.ofNullable(json.introspect(json.constructType(type)).findJsonValueAccessor())
                .filter(value -> !type.isEnum())
                .map(value ->
                        inline(context.createDefinition(context.getTypeContext().resolve(value.getRawType()))));
    }

    private static CustomDefinition inline(ObjectNode schema) {
        return new CustomDefinition(
                schema, CustomDefinition.DefinitionType.INLINE, CustomDefinition.AttributeInclusion.YES);
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
