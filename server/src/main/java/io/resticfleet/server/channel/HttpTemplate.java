package io.resticfleet.server.channel;

import java.util.List;
import java.util.Map;

/**
 * The request that a service takes, with placeholders; see {@link Template}.
 *
 * @param url with values escaped for URLs
 * @param headers those whose value is empty are left out
 * @param body with values escaped for its form
 * @param looks of each placeholder {@code look.…} the values by {@link Look}, in their order
 * @param maxTitle characters of the title, which is cut to it
 * @param maxText characters of the text, which is cut to it
 */
record HttpTemplate(
        String url,
        Map<String, String> headers,
        Form form,
        String body,
        Map<String, List<String>> looks,
        Markup markup,
        int maxTitle,
        int maxText) {

    /** The form of the body. */
    enum Form {
        JSON("application/json"),
        FORM("application/x-www-form-urlencoded");

        private final String contentType;

        Form(String contentType) {
            this.contentType = contentType;
        }

        String contentType() {
            return contentType;
        }
    }

    /** What a service would take for more than text, and how it is kept from that. */
    enum Markup {
        NONE {
            @Override
            String plain(String text) {
                return text;
            }
        },
        /** Markdown, and mentions. */
        DISCORD {
            @Override
            String plain(String text) {
                return text.replaceAll("([\\\\*_~`|>#\\[\\]()<])", "\\\\$1").replace("@", "@\u200b");
            }
        },
        /** Control sequences, such as that of a mention. */
        SLACK {
            @Override
            String plain(String text) {
                return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
            }
        },
        /** Mentions and commands; no other markup without a parse mode. */
        TELEGRAM {
            @Override
            String plain(String text) {
                return text.replace("@", "@\u200b");
            }
        };

        abstract String plain(String text);
    }
}
