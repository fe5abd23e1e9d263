package io.resticfleet.protocol;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;

/**
 * Characters that control a terminal or reorder the text around them, shown instead of in effect: C0 and C1 controls, and
 * Unicode's bidirectional controls, as names of files may contain them.
 *
 * @see <a href="https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing">UTR 36: bidirectional text spoofing</a>
 */
public final class VisibleText {

    /** Escapes them in JSON, where that means the same. */
    static final CharacterEscapes IN_JSON = new InJson();

    private VisibleText() {}

    /** A text with {@code \x1b} or <code>&#92;u202e</code> in place of such a character; a tab stays. */
    public static String of(String text) {
        if (text.chars().noneMatch(VisibleText::isControl)) {
            return text;
        }
        var shown = new StringBuilder(text.length() + 16);
        text.chars().forEach(c -> {
            if (isControl(c)) {
                shown.append(String.format(c < 0x100 ? "\\x%02x" : "\\u%04x", c));
            } else {
                shown.append((char) c);
            }
        });
        return shown.toString();
    }

    private static boolean isControl(int c) {
        return c < 0x20 && c != '\t'
                || c >= 0x7f && c < 0xa0
                || c == 0x61c
                || c == 0x200e
                || c == 0x200f
                || c >= 0x202a && c <= 0x202e
                || c >= 0x2066 && c <= 0x2069;
    }

    private static final class InJson extends CharacterEscapes {
        private static final long serialVersionUID = 1L;

        private static final int[] ASCII = standardAsciiEscapesForJSON();

        static {
            ASCII[0x7f] = ESCAPE_STANDARD;
        }

        @Override
        public int[] getEscapeCodesForAscii() {
            return ASCII.clone();
        }

        @Override
        public SerializableString getEscapeSequence(int c) {
            return isControl(c) ? new SerializedString(String.format("\\u%04x", c)) : null;
        }
    }
}
