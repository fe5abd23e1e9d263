package io.resticfleet.protocol;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;

/**
 * JSON mappers, by origin of the JSON. All write snake_case and ISO-8601 times. {@link Wire} has another one for
 * frames, which omits absent values and accepts enum values of newer peers. Safe for use by many threads.
 */
public final class Json {

    private static final int MAX_DEPTH = 50;

    /**
     * For JSON written by this project: files, columns, answers of the API. Ignores unknown fields, as newer versions
     * add some. Escapes what would take effect on a terminal.
     */
    public static final JsonMapper LENIENT = Wire.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /**
     * For JSON written by people and scripts: bodies of requests, policies. Rejects unknown and repeated fields, and
     * {@code "3"} in place of 3.
     */
    public static final JsonMapper STRICT = Wire.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .withCoercionConfig(
                    LogicalType.Textual,
                    config -> config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .build();

    static {
        LENIENT.getFactory().setCharacterEscapes(VisibleText.IN_JSON);
        STRICT.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .build());
    }

    /** For JSON written by other programs, to be read as a tree. Reads the first value and ignores the rest. */
    public static final ObjectReader FOREIGN = LENIENT.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Json() {}
}
