package io.resticfleet.server.page.alert;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.channel.Channel;
import io.resticfleet.server.channel.ChannelBody;
import io.resticfleet.server.channel.ChannelField;
import io.resticfleet.server.channel.ChannelKind;
import io.resticfleet.server.channel.DigestEvery;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The input of the form of a channel: text, valid or not, so that nothing is lost when it is rejected.
 *
 * @param config fields of the kind by name; secrets are never written into a page
 * @param stored names of the secrets that the channel has
 * @param hosts ids as the browser sends them
 * @param tags separated by commas
 * @param digest as in the API; empty for none
 */
record ChannelForm(
        ChannelKind kind,
        String name,
        Map<String, String> config,
        List<String> stored,
        String minSeverity,
        List<String> hosts,
        String tags,
        String digest) {

    static ChannelForm empty(ChannelKind kind) {
        return new ChannelForm(kind, "", Map.of(), List.of(), Severity.WARNING.word(), List.of(), "", "");
    }

    /** The form of a channel, without its secrets. */
    static ChannelForm of(Channel channel) {
        return new ChannelForm(
                channel.kind(),
                channel.name(),
                channel.config().entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, entry -> text(entry.getValue()))),
                channel.secrets(),
                channel.minSeverity().word(),
                channel.hosts().orElse(List.of()).stream().map(HostId::value).toList(),
                String.join(", ", channel.tags().orElse(List.of())),
                channel.digest().map(DigestEvery::word).orElse(""));
    }

    private static String text(Object value) {
        return value instanceof Collection<?> all
                ? all.stream().map(String::valueOf).collect(Collectors.joining(", "))
                : String.valueOf(value);
    }

    /**
     * Reads a request: only the fields of the kind.
     *
     * @param field a field of the request; the empty text if it was not sent
     * @param stored names of the secrets that the channel has
     */
    static ChannelForm typed(ChannelKind kind, UnaryOperator<String> field, List<String> hosts, List<String> stored) {
        var config = new LinkedHashMap<String, String>();
        kind.fields().forEach(one -> config.put(one.name(), field.apply("config-" + one.name())));
        return new ChannelForm(
                kind,
                field.apply("name"),
                config,
                stored,
                field.apply("min_severity"),
                hosts,
                field.apply("tags"),
                field.apply("digest"));
    }

    /** @throws Problem 400 {@code invalid_hosts} */
    ChannelBody body() {
        var values = new LinkedHashMap<String, Object>();
        kind.fields().stream()
                .filter(field -> !raw(field).isBlank() || field.type() == ChannelField.Type.FLAG)
                .forEach(field -> values.put(field.name(), field.typed(raw(field))));
        return new ChannelBody(
                name,
                kind.word(),
                values,
                nonEmpty(minSeverity),
                Optional.of(hosts.stream()
                                .map(id -> Requests.valid("hosts", "invalid_hosts", HostId::new, id))
                                .toList())
                        .filter(ids -> !ids.isEmpty()),
                Optional.of(Stream.of(tags.split(","))
                                .map(String::strip)
                                .filter(tag -> !tag.isEmpty())
                                .toList())
                        .filter(all -> !all.isEmpty()),
                nonEmpty(digest));
    }

    /** The first error message of each form field; {@code form} if the problem is about none. */
    static Map<String, String> wrong(Problem problem) {
        var wrong = new LinkedHashMap<String, String>();
        problem.errors().forEach(error -> wrong.putIfAbsent(formField(error.field()), error.detail()));
        return wrong.isEmpty() ? Map.of("form", problem.getMessage()) : wrong;
    }

    /** Without dots, which htmx takes for classes in the id of a field that it preserves. */
    private static String formField(String path) {
        return path.replaceFirst("^config\\.", "config-").replaceFirst("\\[\\d+]$", "");
    }

    /** The value of a field that may be shown; the empty text for others. */
    String get(ChannelField field) {
        return field.secret() ? "" : raw(field);
    }

    boolean isOn(ChannelField field) {
        return List.of("on", "true").contains(raw(field));
    }

    /** What to enter, and that a secret can stay. */
    String hint(ChannelField field) {
        return (field.hint() + (stored.contains(field.name()) ? " Leave empty to keep the present one." : "")).strip();
    }

    boolean isFiltered() {
        return !hosts.isEmpty() || !tags.isBlank();
    }

    private String raw(ChannelField field) {
        return config.getOrDefault(field.name(), "");
    }

    private static Optional<String> nonEmpty(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    @Override
    public String toString() {
        return "ChannelForm[" + kind + ", fields masked]";
    }
}
