package io.resticfleet.server.channel;

import io.resticfleet.protocol.Violation;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a channel needs to send.
 *
 * @param plain fields that may be shown
 * @param secrets fields that are sealed
 */
record ChannelConfig(ChannelKind kind, Map<String, Object> plain, Map<String, Object> secrets) {

    /**
     * Reads fields as people send them.
     *
     * @param violations receives what is wrong with them
     */
    static ChannelConfig read(ChannelKind kind, Map<String, Object> given, List<Violation> violations) {
        var plain = new LinkedHashMap<String, Object>();
        var secrets = new LinkedHashMap<String, Object>();
        for (var field : kind.fields()) {
            var value = given.get(field.name());
            if (value != null && !value.equals("")) {
                try {
                    (field.secret() ? secrets : plain).put(field.name(), field.checked(value));
                } catch (IllegalArgumentException e) {
                    violations.add(new Violation("config." + field.name(), "invalid_config", e.getMessage()));
                }
            }
        }
        var known = kind.fields().stream().map(ChannelField::name).collect(Collectors.toSet());
        given.keySet().stream()
                .filter(name -> !known.contains(name))
                .forEach(name -> violations.add(new Violation(
                        "config." + name, "unknown_field", kind.label() + " has no field '" + name + "'")));
        return new ChannelConfig(kind, plain, secrets);
    }

    /** With those stored secrets that this lacks. */
    ChannelConfig keeping(ChannelConfig stored) {
        var merged = new LinkedHashMap<>(stored.secrets);
        merged.putAll(secrets);
        if (kind == ChannelKind.HEALTHCHECKS) { // one way replaces the other
            if (secrets.containsKey("ping_url")) {
                merged.remove("ping_key");
            } else if (plain.containsKey("base_url")) {
                merged.remove("ping_url");
            }
        }
        return new ChannelConfig(kind, plain, merged);
    }

    /** What is missing, or does not fit together. */
    List<Violation> violations() {
        var wrong = new ArrayList<Violation>();
        kind.fields().stream()
                .filter(field -> field.required() && get(field.name()).isEmpty())
                .forEach(field -> wrong.add(violation(field.name(), "required", field.name() + " is required")));
        if (kind == ChannelKind.HEALTHCHECKS) {
            boolean one = get("ping_url").isPresent();
            boolean many = get("base_url").isPresent() && get("ping_key").isPresent();
            if (one == many || one && get("base_url").isPresent()) {
                wrong.add(violation("ping_url", "required", "give either ping_url, or base_url and ping_key"));
            }
        }
        if (kind == ChannelKind.EMAIL) {
            if (get("username").isPresent() != get("password").isPresent()) {
                wrong.add(violation("username", "required", "give both username and password, or neither"));
            }
            if (get("password").isPresent() && text("security").equals("none")) {
                wrong.add(violation("security", "invalid_config", "a password is not sent without encryption"));
            }
        }
        return wrong;
    }

    private static Violation violation(String field, String code, String detail) {
        return new Violation("config." + field, code, detail);
    }

    Optional<Object> get(String field) {
        return Optional.ofNullable(secrets.getOrDefault(field, plain.get(field)));
    }

    /** A field of text or a number; the empty string if it is not set. */
    String text(String field) {
        return get(field).map(String::valueOf).orElse("");
    }

    boolean flag(String field) {
        return get(field).filter(Boolean.TRUE::equals).isPresent();
    }

    /** A field that is a list of texts. */
    List<String> texts(String field) {
        return get(field)
                .map(value ->
                        ((Collection<?>) value).stream().map(String::valueOf).toList())
                .orElse(List.of());
    }

    /** A field that is an object with texts. */
    Map<String, String> map(String field) {
        var texts = new HashMap<String, String>();
        get(field).ifPresent(value -> ((Map<?, ?>) value).forEach((k, v) -> texts.put((String) k, (String) v)));
        return texts;
    }

    /** Scheme, host and port of the server to which secrets are sent. */
    String address() {
        if (kind == ChannelKind.EMAIL) {
            return "smtp://" + text("host") + ":" + text("port");
        }
        var url = Stream.of("ping_url", "base_url", "url")
                .map(this::text)
                .filter(text -> !text.isEmpty())
                .findFirst()
                .or(() -> kind.template().map(HttpTemplate::url))
                .orElse("");
        var end = url.indexOf('/', url.indexOf("://") + 3);
        return end < 0 ? url : url.substring(0, end);
    }

    /** The host in an address. */
    static String host(String address) {
        return URI.create(address).getHost() == null
                ? address
                : URI.create(address).getHost();
    }

    @Override
    public String toString() {
        return "ChannelConfig[" + kind + "]";
    }
}
