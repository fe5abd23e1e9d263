package io.resticfleet.server.web;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.javalin.http.Context;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.Violation;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads requests. Whatever cannot be read is the caller's mistake, and is said in the caller's terms. */
public final class Requests {

    private Requests() {}

    /**
     * The body as a record whose components may be {@code Optional}, and then may be left out.
     *
     * @throws Problem 400 {@code malformed_json}, {@code unknown_field}, {@code required} or {@code wrong_type}
     */
    public static <T> T body(Context ctx, Class<T> type) {
        try {
            var value = Json.STRICT.readValue(ctx.bodyAsBytes(), type);
            if (value == null) {
                throw Problem.invalid("malformed_json", "the body is null");
            }
            return value;
        } catch (UnrecognizedPropertyException e) {
            throw wrong(e, "unknown_field", "there is no field '" + e.getPropertyName() + "'");
        } catch (InvalidNullException e) {
            var path = e.getPath();
            throw path.isEmpty() || path.get(path.size() - 1).getFieldName() != null
                    ? wrong(e, "required", "this field is required")
                    : wrong(e, "wrong_type", "this must not be null");
        } catch (MismatchedInputException e) {
            throw e.getOriginalMessage().contains("FAIL_ON_NULL")
                    ? wrong(e, "required", "this field is required")
                    : wrong(e, "wrong_type", "this must be " + wanted(e.getTargetType()));
        } catch (JsonMappingException e) {
            if (e.getCause() instanceof JsonParseException unreadable) {
                throw Problem.invalid("malformed_json", "the body is not JSON" + place(unreadable));
            }
            throw wrong(e, "wrong_type", "this is not what belongs here");
        } catch (JsonProcessingException e) {
            throw Problem.invalid("malformed_json", "the body is not JSON" + place(e));
        } catch (IOException e) {
            throw Problem.invalid("malformed_json", "the body cannot be read");
        }
    }

    /** In the caller's words; Jackson would name our classes. */
    private static String wanted(Class<?> type) {
        if (type == null || type == String.class || Enum.class.isAssignableFrom(type)) {
            return "text";
        }
        if (type == Boolean.class || type == boolean.class) {
            return "true or false";
        }
        if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
            return "a whole number";
        }
        return Collection.class.isAssignableFrom(type) ? "a list" : "an object";
    }

    private static String place(JsonProcessingException e) {
        var at = e.getLocation();
        return at == null ? "" : ", from line " + at.getLineNr() + " column " + at.getColumnNr() + " on";
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

    /** A field of a form, as it was typed; empty if it was not sent. */
    public static String field(Context ctx, String name) {
        return Optional.ofNullable(ctx.formParam(name)).orElse("");
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
}
