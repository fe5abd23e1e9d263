package io.resticfleet.server.channel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A text with placeholders: {@code {{name}}} is replaced by a value; {@code {{#name}}…{{/name}}} is left out if the value is
 * empty; {@code {{#alerts}}…{{/alerts}}} is repeated for each alert, with commas between. A section is not within another of
 * the same name, and only one of alerts can contain others.
 */
final class Template {

    static final String ALERTS = "alerts";

    private static final Pattern TAG = Pattern.compile("\\{\\{([#/]?)([a-z_.]+/?)}}");

    /** For bodies that people write. */
    static final Set<String> NAMES = Set.of(
            "title",
            "text",
            "url",
            "state",
            "severity",
            "kind",
            "host",
            "repository",
            "schedule",
            "since",
            "opened_at",
            "resolved_at",
            "advice",
            "alert_id",
            "alert_text",
            "delivery_id",
            "attempt",
            "time");

    private sealed interface Part {}

    private record Literal(String text) implements Part {}

    private record Value(String name) implements Part {}

    private record Section(String name, List<Part> parts) implements Part {}

    private final String source;
    private final List<Part> parts;

    private Template(String source, List<Part> parts) {
        this.source = source;
        this.parts = parts;
    }

    /** @throws IllegalArgumentException for a placeholder that is not known, or a section that does not end */
    static Template parse(String source) {
        var template = trusted(source);
        names(template.parts)
                .filter(name -> !NAMES.contains(name) && !name.equals(ALERTS))
                .findFirst()
                .ifPresent(name -> {
                    throw new IllegalArgumentException("there is no placeholder {{" + name + "}}");
                });
        return template;
    }

    /** One of this program, which may have any names. */
    static Template trusted(String source) {
        var open = new ArrayList<Section>();
        var parts = new ArrayList<Part>();
        var current = parts;
        var outer = new ArrayList<ArrayList<Part>>();
        var tags = TAG.matcher(source);
        int end = 0;
        while (tags.find()) {
            current.add(new Literal(source.substring(end, tags.start())));
            end = tags.end();
            var name = tags.group(2);
            switch (tags.group(1)) {
                case "#" -> {
                    if (!open.isEmpty()
                            && (open.size() > 1 || !open.get(0).name().equals(ALERTS) || name.equals(ALERTS))) {
                        throw new IllegalArgumentException("{{#" + name + "}} is within another section");
                    }
                    var inner = new ArrayList<Part>();
                    var section = new Section(name, inner);
                    current.add(section);
                    open.add(section);
                    outer.add(current);
                    current = inner;
                }
                case "/" -> {
                    if (open.isEmpty() || !open.get(open.size() - 1).name().equals(name)) {
                        throw new IllegalArgumentException("{{/" + name + "}} ends no section");
                    }
                    open.remove(open.size() - 1);
                    current = outer.remove(outer.size() - 1);
                }
                default -> current.add(new Value(name));
            }
        }
        if (!open.isEmpty()) {
            throw new IllegalArgumentException("{{#" + open.get(0).name() + "}} does not end");
        }
        current.add(new Literal(source.substring(end)));
        return new Template(source, List.copyOf(parts));
    }

    String source() {
        return source;
    }

    /**
     * @param values by name; one that is missing is empty
     * @param alerts values of each alert, beside the others
     * @param escape of every value
     */
    String fill(Map<String, String> values, List<Map<String, String>> alerts, UnaryOperator<String> escape) {
        var text = new StringBuilder();
        fill(parts, List.of(values), alerts, escape, text);
        return text.toString();
    }

    private static void fill(
            List<Part> parts,
            List<Map<String, String>> values,
            List<Map<String, String>> alerts,
            UnaryOperator<String> escape,
            StringBuilder text) {
        for (var part : parts) {
            if (part instanceof Literal literal) {
                text.append(literal.text());
            } else if (part instanceof Value value) {
                text.append(escape.apply(find(values, value.name())));
            } else if (part instanceof Section section) {
                if (section.name().equals(ALERTS)) {
                    for (int i = 0; i < alerts.size(); i++) {
                        text.append(i == 0 ? "" : ",");
                        fill(section.parts(), List.of(alerts.get(i), values.get(0)), List.of(), escape, text);
                    }
                } else if (!find(values, section.name()).isEmpty()) {
                    fill(section.parts(), values, alerts, escape, text);
                }
            }
        }
    }

    private static String find(List<Map<String, String>> values, String name) {
        return values.stream()
                .filter(map -> map.containsKey(name))
                .findFirst()
                .map(map -> map.get(name))
                .orElse("");
    }

    private static Stream<String> names(List<Part> parts) {
        return parts.stream().flatMap(part -> {
            if (part instanceof Value value) {
                return Stream.of(value.name());
            }
            return part instanceof Section section
                    ? Stream.concat(Stream.of(section.name()), names(section.parts()))
                    : Stream.empty();
        });
    }
}
