package io.resticfleet.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.NameTransformer;
import java.io.IOException;

/**
 * Reads a component that is one of several records, and whose fields are among those of the enclosing object. The value
 * of one field selects the record. Use it with {@code @JsonUnwrapped}, which alone supports a single type only.
 */
abstract class UnwrappedReader<T> extends StdDeserializer<T> {
    private static final long serialVersionUID = 1L;

    private final String discriminator;

    /** @param discriminator the field whose value selects the record */
    UnwrappedReader(Class<T> type, String discriminator) {
        super(type);
        this.discriminator = discriminator;
    }

    /**
     * The record to read.
     *
     * @throws IllegalArgumentException if the word is unknown
     */
    abstract Class<? extends T> type(String word, JsonNode fields);

    /** A new instance; Jackson treats the same one as not able to unwrap. */
    abstract UnwrappedReader<T> copy();

    @Override
    public JsonDeserializer<T> unwrappingDeserializer(NameTransformer names) {
        return copy();
    }

    @Override
    @SuppressWarnings("unchecked") // type extends T
    public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        var fields = context.readValue(parser, ObjectNode.class);
        var word = fields.path(discriminator);
        Class<? extends T> type;
        try {
            type = type(word.asText(), fields);
        } catch (IllegalArgumentException e) {
            var wrong = MismatchedInputException.from(parser, String.class, e.getMessage());
            throw JsonMappingException.wrapWithPath(wrong, handledType(), discriminator);
        }
        return context.readTreeAsValue(fields, (Class<T>) type);
    }
}
