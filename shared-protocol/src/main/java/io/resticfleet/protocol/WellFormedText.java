package io.resticfleet.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;

/**
 * Text that can be encoded. A JSON escape can stand for half of a surrogate pair, which is no character; Java's encoders
 * replace it by a question mark, which is a wildcard to restic. Text of every message and every body is checked.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8259#section-8.2">RFC 8259, 8.2: Unicode characters</a>
 */
public final class WellFormedText {

    static final SimpleModule MODULE =
            new SimpleModule("well-formed text").addDeserializer(String.class, new Deserializer());

    private WellFormedText() {}

    /** Whether every surrogate is one of a pair. */
    public static boolean test(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    /** The beginning of a text, with an ellipsis if it is longer; not cut within a character. */
    public static String cut(String text, int maxLength) {
        return text.length() <= maxLength ? text : prefix(text, maxLength) + "…";
    }

    /** The first characters of a text, not cut within one. */
    public static String prefix(String text, int maxLength) {
        if (text.length() <= maxLength) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(maxLength - 1)) ? maxLength - 1 : maxLength);
    }

    /** A text of a message or body that is not well-formed. The message does not repeat it. */
    public static final class Malformed extends JsonMappingException {
        private static final long serialVersionUID = 1L;

        Malformed(JsonParser parser) {
            super(parser, "not well-formed Unicode");
        }
    }

    private static final class Deserializer extends StringDeserializer {
        private static final long serialVersionUID = 1L;

        @Override
        public String deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            var text = super.deserialize(parser, context);
            if (text != null && !test(text)) {
                throw new Malformed(parser);
            }
            return text;
        }
    }
}
