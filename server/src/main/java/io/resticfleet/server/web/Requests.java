package io.resticfleet.server.web;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Id;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.Violation;
import io.resticfleet.protocol.WellFormedText;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads requests strictly. What cannot be read is a 400 that names the field as the client wrote it. */
public final class Requests {

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final Pattern CHARSET = Pattern.compile("charset\\s*=\\s*\"?([^\";,\\s]*)");

    private Requests() {}

    /**
     * Reads the body as a record. Components of type {@code Optional} may be left out.
     *
     * @throws Problem 400 {@code malformed_json}, {@code invalid_text}, {@code unknown_field}, {@code required} or {@code
     *     wrong_type}
     */
    public static <T> T body(Context ctx, Class<T> type) {
        try {
            var value = Json.STRICT.readValue(decode(bytes(ctx)), type);
            if (value == null) {
                throw Problem.invalid("malformed_json", "the body is null");
            }
            return value;
        } catch (CharacterCodingException e) {
            throw Problem.invalid("invalid_text", "the body is not UTF-8");
        } catch (WellFormedText.Malformed e) {
            throw invalid(e, "invalid_text", "this is not well-formed Unicode");
        } catch (UnrecognizedPropertyException e) {
            throw invalid(e, "unknown_field", "there is no field '" + e.getPropertyName() + "'");
        } catch (InvalidNullException e) {
            var path = e.getPath();
            throw path.isEmpty() || path.get(path.size() - 1).getFieldName() != null
                    ? invalid(e, "required", "this field is required")
                    : invalid(e, "wrong_type", "this must not be null");
        } catch (MismatchedInputException e) {
            throw e.getOriginalMessage().contains("FAIL_ON_NULL")
                    ? invalid(e, "required", "this field is required")
                    : invalid(e, "wrong_type", "this must be " + expected(e.getTargetType()));
        } catch (JsonMappingException e) {
            if (e.getCause() instanceof JsonParseException unreadable) {
                throw Problem.invalid("malformed_json", "the body is not JSON" + location(unreadable));
            }
            throw invalid(e, "wrong_type", "this value is not allowed here");
        } catch (JsonProcessingException e) {
            throw Problem.invalid("malformed_json", "the body is not JSON" + location(e));
        }
    }

    /** Decodes UTF-8; Jackson would accept overlong forms and half surrogate pairs. */
    private static String decode(byte[] body) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    }

    /** The expected JSON type; Jackson's own message would name Java classes. */
    private static String expected(Class<?> type) {
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

    private static String location(JsonProcessingException e) {
        var at = e.getLocation();
        return at == null ? "" : ": error at line " + at.getLineNr() + ", column " + at.getColumnNr();
    }

    /**
     * Makes a value from a part of the request with a constructor that checks it.
     *
     * @throws Problem 400 {@code code} with the message of the constructor's exception
     */
    public static <A, T> T valid(String field, String code, Function<A, T> constructor, A argument) {
        try {
            return constructor.apply(argument);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(List.of(new Violation(field, code, e.getMessage())));
        }
    }

    /**
     * The host in the path.
     *
     * @throws Problem 404 if it is no id
     */
    public static HostId host(Context ctx) {
        return id(ctx, "host", HostId::new);
    }

    /**
     * The job in the path.
     *
     * @throws Problem 404 if it is no id
     */
    public static JobId job(Context ctx) {
        return id(ctx, "job", JobId::new);
    }

    /**
     * The schedule in the path.
     *
     * @throws Problem 404 if it is no id
     */
    public static ScheduleId schedule(Context ctx) {
        return id(ctx, "schedule", ScheduleId::new);
    }

    /**
     * The repository in the path.
     *
     * @throws Problem 404 if it is no id
     */
    public static RepositoryId repository(Context ctx) {
        return id(ctx, "repository", RepositoryId::new);
    }

    private static <I extends Id> I id(Context ctx, String parameter, Function<String, I> type) {
        var text = ctx.pathParam(parameter);
        if (!Id.matches(text)) {
            throw Problem.notFound(parameter + " " + text);
        }
        return type.apply(text);
    }

    /**
     * Refuses what would be read wrongly, or not at all.
     *
     * @throws Problem 400 {@code unsupported_charset}, or {@code malformed_query} if escapes are broken or not UTF-8
     */
    static void checkEncoding(Context ctx) {
        var charset = CHARSET.matcher(contentType(ctx));
        if (charset.find() && !charset.group(1).matches("utf-?8")) {
            throw Problem.invalid("unsupported_charset", "send UTF-8");
        }
        readable(
                "malformed_query",
                "the query",
                Optional.ofNullable(ctx.queryString()).orElse(""));
    }

    /**
     * Refuses a form that is not URL-encoded UTF-8. Files are never uploaded, so that no parser writes them to a disk.
     *
     * @throws Problem 400 {@code malformed_form}
     */
    static void checkForm(Context ctx) {
        var type = contentType(ctx).split(";", 2)[0].strip();
        if (!type.isEmpty() && !type.equals(FORM)) {
            throw Problem.invalid("malformed_form", "send the form as " + FORM + " in UTF-8");
        }
        readable("malformed_form", "the form", new String(bytes(ctx), StandardCharsets.ISO_8859_1));
    }

    private static String contentType(Context ctx) {
        // Javalin's own getter throws for an unknown charset.
        return Optional.ofNullable(ctx.header("Content-Type")).orElse("").toLowerCase(Locale.ROOT);
    }

    private static byte[] bytes(Context ctx) {
        try {
            return ctx.bodyAsBytes();
        } catch (Exception e) { // Javalin throws checked exceptions without declaring them
            if (e instanceof IOException broken) {
                throw broken.getCause() instanceof TimeoutException
                        ? Problem.tooSlow()
                        : Problem.invalid("malformed_body", "the body cannot be read");
            }
            throw e;
        }
    }

    private static void readable(String code, String what, String encoded) {
        try {
            var bytes = URLDecoder.decode(encoded, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.ISO_8859_1);
            decode(bytes);
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw Problem.invalid(code, what + " has broken escapes, or is not UTF-8");
        }
    }

    /** A query parameter; blank counts as absent. */
    public static Optional<String> query(Context ctx, String name) {
        return Optional.ofNullable(ctx.queryParam(name)).filter(text -> !text.isBlank());
    }

    /** A form field as typed; the empty string if it was not sent. */
    public static String field(Context ctx, String name) {
        return Optional.ofNullable(ctx.formParam(name)).orElse("");
    }

    /** All values of a form field, in their order; empty if it was not sent. */
    public static List<String> fields(Context ctx, String name) {
        return ctx.formParams(name);
    }

    private static Problem invalid(JsonMappingException e, String code, String detail) {
        var field = field(e);
        return field.isEmpty()
                ? Problem.invalid("malformed_json", detail)
                : Problem.invalid(List.of(new Violation(field, code, field + ": " + detail)));
    }

    /** The field's path, such as {@code paths[1]} or {@code retention.keep_last}. */
    private static String field(JsonMappingException e) {
        return e.getPath().stream()
                .map(step -> step.getFieldName() != null ? "." + step.getFieldName() : "[" + step.getIndex() + "]")
                .collect(Collectors.joining())
                .replaceFirst("^\\.", "");
    }
}
