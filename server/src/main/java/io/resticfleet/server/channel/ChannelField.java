package io.resticfleet.server.channel;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A field of a channel's {@code config}.
 *
 * @param secret whether it is sealed, and never shown
 * @param label for people, such as {@code Application token}
 * @param hint what to enter, in a sentence; empty if the label suffices
 * @param choices of the type {@link Type#CHOICE}
 */
public record ChannelField(
        String name, Type type, boolean secret, boolean required, String label, String hint, List<String> choices) {

    static final int MAX_URL_LENGTH = 2_000;
    static final int MAX_TOKEN_LENGTH = 500;
    static final int MAX_TEXT_LENGTH = 200;
    static final int MAX_TEMPLATE_LENGTH = 16_384;
    static final int MAX_ADDRESSES = 50;
    static final int MAX_HEADERS = 20;

    /** Set by the client itself. */
    private static final Set<String> OWN_HEADERS = Set.of(
            "host",
            "content-length",
            "transfer-encoding",
            "connection",
            "upgrade",
            "te",
            "trailer",
            "expect",
            "user-agent",
            "x-restic-fleet-signature",
            "x-restic-fleet-attempt");

    /** What values of a field are, in JSON and in a form. */
    public enum Type {
        /** Of http or https. */
        URL,
        /** One word of visible ASCII, such as an access token. */
        TOKEN,
        /** One line. */
        TEXT,
        /** 1 to 65,535; a number in JSON. */
        PORT,
        CHOICE,
        /** Of email. */
        ADDRESS,
        /** 1 to 50 of email; a list in JSON, separated by commas or lines in a form. */
        ADDRESSES,
        /** An object in JSON, a line {@code Name: value} for each in a form. */
        HEADERS,
        /** Of a body, of several lines; see {@link Template}. */
        TEMPLATE,
        /** True or false. */
        FLAG
    }

    static ChannelField required(String name, Type type, String label) {
        return new ChannelField(name, type, false, true, label, "", List.of());
    }

    static ChannelField optional(String name, Type type, String label) {
        return new ChannelField(name, type, false, false, label, "", List.of());
    }

    static ChannelField choice(String name, String label, String... choices) {
        return new ChannelField(name, Type.CHOICE, false, true, label, "", List.of(choices));
    }

    ChannelField sealed() {
        return new ChannelField(name, type, true, required, label, hint, choices);
    }

    ChannelField hint(String text) {
        return new ChannelField(name, type, secret, required, label, text, choices);
    }

    /**
     * The value of a JSON body, checked and in its normal form.
     *
     * @throws IllegalArgumentException if it is not allowed; the message does not contain it if it is secret
     */
    Object checked(Object value) {
        return switch (type) {
            case URL -> url(text(value, MAX_URL_LENGTH));
            case TOKEN -> token(text(value, MAX_TOKEN_LENGTH));
            case TEXT -> line(text(value, MAX_TEXT_LENGTH));
            case PORT -> port(value);
            case CHOICE -> chosen(text(value, MAX_TEXT_LENGTH));
            case ADDRESS -> MailAddress.checked(text(value, MAX_TEXT_LENGTH));
            case ADDRESSES -> addresses(value);
            case HEADERS -> headers(value);
            case TEMPLATE -> Template.parse(text(value, MAX_TEMPLATE_LENGTH)).source();
            case FLAG -> flag(value);
        };
    }

    /** What a body in JSON would have, from what was typed into a form. Not checked. */
    public Object typed(String text) {
        return switch (type) {
            case PORT -> text.strip().matches("[0-9]{1,9}") ? (Object) Integer.parseInt(text.strip()) : text;
            case ADDRESSES ->
                Stream.of(text.split("[,\\s]+")).filter(one -> !one.isBlank()).toList();
            case HEADERS -> typedHeaders(text);
            case FLAG -> text.equals("on") || text.equals("true");
            case TEMPLATE -> text;
            default -> text.strip();
        };
    }

    private static Map<String, String> typedHeaders(String text) {
        var headers = new LinkedHashMap<String, String>();
        text.lines().filter(line -> !line.isBlank()).forEach(line -> {
            var parts = line.split(":", 2);
            headers.put(parts[0].strip(), parts.length == 2 ? parts[1].strip() : "");
        });
        return headers;
    }

    private String text(Object value, int maxLength) {
        if (!(value instanceof String text)) {
            throw new IllegalArgumentException(name + " must be text");
        }
        if (text.isBlank() || text.length() > maxLength) {
            throw new IllegalArgumentException(name + " must have 1 to " + maxLength + " characters");
        }
        return text;
    }

    private String url(String text) {
        try {
            var url = new URI(text);
            var scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
            if (!scheme.equals("http") && !scheme.equals("https") || url.getHost() == null) {
                throw new IllegalArgumentException(
                        name + " must begin with https:// or http:// and the name of a server");
            }
            if (url.getRawUserInfo() != null || url.getRawFragment() != null) {
                throw new IllegalArgumentException(name + " must have no user and no fragment");
            }
            if (url.getPort() == 0 || url.getPort() > 65_535) {
                throw new IllegalArgumentException(name + " has no valid port");
            }
            return url.toASCIIString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(name + " is no valid URL"); // the cause would contain it
        }
    }

    private String token(String text) {
        if (!text.matches("[\\x21-\\x7e]+")) {
            throw new IllegalArgumentException(name + " must be one word of ASCII characters");
        }
        return text;
    }

    private String line(String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(name + " must be one line");
        }
        return secret ? text : text.strip();
    }

    private Object port(Object value) {
        if (!(value instanceof Integer port) || port < 1 || port > 65_535) {
            throw new IllegalArgumentException(name + " must be a number from 1 to 65535");
        }
        return port;
    }

    private String chosen(String text) {
        if (!choices.contains(text)) {
            throw new IllegalArgumentException(name + " must be one of " + String.join(", ", choices));
        }
        return text;
    }

    private List<String> addresses(Object value) {
        if (!(value instanceof List<?> all) || all.isEmpty() || all.size() > MAX_ADDRESSES) {
            throw new IllegalArgumentException(name + " must be a list of 1 to " + MAX_ADDRESSES + " addresses");
        }
        var addresses = new ArrayList<String>();
        all.forEach(one -> addresses.add(MailAddress.checked(text(one, MAX_TEXT_LENGTH))));
        return addresses.stream().distinct().toList();
    }

    private Map<String, String> headers(Object value) {
        if (!(value instanceof Map<?, ?> all) || all.size() > MAX_HEADERS) {
            throw new IllegalArgumentException(name + " must be an object with at most " + MAX_HEADERS + " headers");
        }
        var headers = new LinkedHashMap<String, String>();
        all.forEach((header, text) -> {
            var named = String.valueOf(header);
            if (!named.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
                    || OWN_HEADERS.contains(named.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException(name + " has a header whose name is not allowed");
            }
            var content = text(text, MAX_TOKEN_LENGTH);
            if (!content.matches("[\\x20-\\x7e]+")) {
                throw new IllegalArgumentException(name + " has a header that is not one line of ASCII characters");
            }
            headers.put(named, content.strip());
        });
        return headers;
    }

    private Object flag(Object value) {
        if (!(value instanceof Boolean)) {
            throw new IllegalArgumentException(name + " must be true or false");
        }
        return value;
    }
}
