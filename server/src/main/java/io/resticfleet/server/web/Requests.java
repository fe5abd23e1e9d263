package io.resticfleet.server.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.javalin.http.Context;
import io.resticfleet.protocol.Violation;
import io.resticfleet.protocol.Wire;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads requests. Whatever cannot be read is the caller's mistake, and is said in the caller's terms. */
public final class Requests {

    private static final int DEEPEST = 50;

    /** Strict: a misspelt field is refused rather than ignored, and {@code "3"} is not 3. */
    private static final JsonMapper JSON = Wire.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .withCoercionConfig(
                    LogicalType.Textual,
                    config -> config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .build();

    static {
        JSON.getFactory()
                .setStreamReadConstraints(
                        StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build());
    }

    private Requests() {}

    /**
     * The body as a record whose components may be {@code Optional}, and then may be left out.
     *
     * @throws Problem 400 {@code malformed_json}, {@code unknown_field}, {@code required} or {@code wrong_type}
     */
    public static <T> T body(Context ctx, Class<T> type) {
        try {
            var value = JSON.readValue(ctx.bodyAsBytes(), type);
            if (value == null) {
                throw Problem.invalid("malformed_json", "the body is null");
            }
            return value;
        } catch (UnrecognizedPropertyException e) {
            throw wrong(e, "unknown_field", "there is no field '" + e.getPropertyName() + "'");
        } catch (InvalidFormatException e) {
            throw wrong(e, "wrong_type", "the value is not what belongs here: " + shortened(e));
        } catch (MismatchedInputException e) {
            throw wrong(
                    e,
                    e.getOriginalMessage().contains("FAIL_ON_NULL") ? "required" : "wrong_type",
                    e.getOriginalMessage().contains("FAIL_ON_NULL") ? "this field is required" : shortened(e));
        } catch (JsonMappingException e) {
            throw wrong(e, "wrong_type", shortened(e));
        } catch (JsonProcessingException e) {
            throw Problem.invalid("malformed_json", "the body is not JSON: " + shortened(e));
        } catch (java.io.IOException e) {
            throw Problem.invalid("malformed_json", "the body cannot be read");
        }
    }

    /**
     * A value made from a piece of the request by a constructor that checks it.
     *
     * @throws Problem 400 {@code code} with what the constructor had to say
     */
    public static <A, T> T valid(String field, String code, Function<A, T> constructor, A argument) {
        try {
            return constructor.apply(argument);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(List.of(new Violation(field, code, e.getMessage())));
        }
    }

    /** A query parameter; a blank one is absent. */
    public static Optional<String> query(Context ctx, String name) {
        return Optional.ofNullable(ctx.queryParam(name)).filter(text -> !text.isBlank());
    }

    private static Problem wrong(JsonMappingException e, String code, String detail) {
        var field = field(e);
        return field.isEmpty()
                ? Problem.invalid("malformed_json", detail)
                : Problem.invalid(List.of(new Violation(field, code, field + ": " + detail)));
    }

    /** {@code paths[1]}, {@code retention.keep_last}. */
    private static String field(JsonMappingException e) {
        return e.getPath().stream()
                .map(step -> step.getFieldName() != null ? "." + step.getFieldName() : "[" + step.getIndex() + "]")
                .collect(Collectors.joining())
                .replaceFirst("^\\.", "");
    }

    /** Jackson's own words, without the class names and source that follow. */
    private static String shortened(JsonProcessingException e) {
        var words = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
        return words.replaceAll("`?(java|io\\.resticfleet|com\\.fasterxml)\\.[\\w.$<>]+`?", "value");
    }
}
