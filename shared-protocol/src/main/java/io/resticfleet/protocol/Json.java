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
 * One mapper for each need: by who wrote the JSON. All write snake_case and ISO-8601 times. {@link Wire} has another for
 * frames, which leaves out what is absent and understands words of newer peers. Safe for use by many threads.
 */
public final class Json {

    private static final int DEEPEST = 50;

    /** Written by this project: files, columns, answers of the API. Unknown fields are ignored, as a newer version may add some. */
    public static final JsonMapper LENIENT = Wire.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /**
     * Written by a person or a script: bodies of requests, policies. A misspelt or repeated field is refused rather than
     * ignored, and {@code "3"} is not 3.
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
        STRICT.getFactory()
                .setStreamReadConstraints(
                        StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build());
    }

    /** Written by another program, to be read as a tree: its first value counts, and what follows is ignored. */
    public static final ObjectReader FOREIGN = LENIENT.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Json() {}
}
