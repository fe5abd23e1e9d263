package io.resticfleet.server.channel;

import com.github.f4b6a3.ulid.Ulid;
import io.resticfleet.protocol.Limit;
import io.resticfleet.server.alert.AlertEvent;
import io.resticfleet.server.alert.AlertView;
import io.resticfleet.server.alert.Subject;
import io.resticfleet.server.db.StoredJson;
import io.resticfleet.server.secret.Hmac;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** Makes from a message what each kind of channel sends. */
final class Renderer {

    static final String SIGNATURE = "X-Restic-Fleet-Signature";
    static final String ATTEMPT = "X-Restic-Fleet-Attempt";

    private static final int MAX_SUBJECT = 200;

    private Renderer() {}

    /**
     * A message that is being sent.
     *
     * @param deliveryId the same for each attempt
     * @param attempt from 1
     * @param createdAt when the message was made
     * @param log the end of the run's log; empty for none
     */
    record Sending(
            ChannelConfig config,
            MessageContent content,
            String deliveryId,
            int attempt,
            Instant createdAt,
            String log) {}

    static Outgoing render(Sending sending) {
        return switch (sending.config().kind()) {
            case EMAIL -> mail(sending);
            case WEBHOOK -> webhook(sending);
            case HEALTHCHECKS -> ping(sending);
            default -> service(sending, sending.config().kind().template().orElseThrow());
        };
    }

    private static HttpCall service(Sending sending, HttpTemplate template) {
        var markup = template.markup();
        var values = values(sending);
        values.put("title", markup.plain(Limit.cut(sending.content().title(), template.maxTitle())));
        var again = repeated(sending);
        values.put(
                "text", markup.plain(Limit.cut(sending.content().text(), template.maxText() - again.length())) + again);
        template.looks()
                .forEach((name, byLook) -> values.put(
                        "look." + name, byLook.get(sending.content().look().ordinal())));
        var config = sending.config();
        config.kind().fields().forEach(field -> values.put("config." + field.name(), config.text(field.name())));
        var inUrl = new HashMap<>(values);
        config.kind().fields().stream()
                .filter(field -> field.type() == ChannelField.Type.TOKEN)
                .forEach(field -> inUrl.put("config." + field.name(), encoded(config.text(field.name()))));
        inUrl.put("config.url/", config.text("url").replaceAll("/*$", "") + "/");
        var headers = new LinkedHashMap<String, String>();
        headers.put("Content-Type", template.form().contentType());
        template.headers().forEach((name, text) -> {
            var value = Template.trusted(text).fill(values, List.of(), UnaryOperator.identity());
            if (!value.isEmpty()) {
                headers.put(name, value);
            }
        });
        var body = Template.trusted(template.body())
                .fill(
                        values,
                        List.of(),
                        template.form() == HttpTemplate.Form.JSON ? Renderer::escaped : Renderer::encoded);
        return new HttpCall(
                "POST",
                URI.create(Template.trusted(template.url()).fill(inUrl, List.of(), UnaryOperator.identity())),
                headers,
                body.getBytes(StandardCharsets.UTF_8));
    }

    private static HttpCall webhook(Sending sending) {
        var config = sending.config();
        var template = config.text("body");
        var body = (template.isEmpty()
                        ? StoredJson.write(WebhookBody.of(sending.deliveryId(), sending.attempt(), sending.content()))
                        : Template.parse(template).fill(values(sending), alerts(sending), Renderer::escaped))
                .getBytes(StandardCharsets.UTF_8);
        var headers = new LinkedHashMap<String, String>();
        headers.put("Content-Type", "application/json");
        config.map("headers").forEach((name, value) -> {
            headers.keySet().removeIf(name::equalsIgnoreCase);
            headers.put(name, value);
        });
        headers.put(ATTEMPT, String.valueOf(sending.attempt()));
        if (!config.text("secret").isEmpty()) {
            headers.put(SIGNATURE, "sha256=" + Hmac.sha256(config.text("secret"), body));
        }
        return new HttpCall("POST", URI.create(config.text("url")), headers, body);
    }

    private static HttpCall ping(Sending sending) {
        var config = sending.config();
        var ping = sending.content().run().orElseThrow();
        var rid = "rid=" + uuid(ping.jobId().value());
        var url = config.text("ping_url").isEmpty()
                ? config.text("base_url").replaceAll("/*$", "") + "/" + encoded(config.text("ping_key")) + "/"
                        + ping.slug() + ping.signal() + "?create=1&" + rid
                : config.text("ping_url").replaceAll("/*$", "") + ping.signal() + "?" + rid;
        return new HttpCall(
                "POST",
                URI.create(url),
                Map.of("Content-Type", "text/plain; charset=utf-8"),
                sending.log().getBytes(StandardCharsets.UTF_8));
    }

    private static String uuid(String ulid) {
        UUID uuid = Ulid.from(ulid).toUuid();
        return uuid.toString();
    }

    private static Mail mail(Sending sending) {
        var config = sending.config();
        var content = sending.content();
        var security = Mail.Security.valueOf(config.text("security").toUpperCase(Locale.ROOT));
        var username = Optional.of(config.text("username")).filter(text -> !text.isEmpty());
        var password = Optional.of(config.text("password")).filter(text -> !text.isEmpty());
        return new Mail(
                new Mail.Server(
                        config.text("host"), Integer.parseInt(config.text("port")), security, username, password),
                config.text("from"),
                config.texts("to"),
                sending.deliveryId() + "@restic-fleet",
                Limit.cut(Wording.oneLine(content.title()), MAX_SUBJECT),
                content.text() + repeated(sending),
                content.html().orElseGet(() -> MailPage.of(content, repeated(sending))));
    }

    /** Empty for the first attempt. */
    private static String repeated(Sending sending) {
        return sending.attempt() == 1
                ? ""
                : "\n\n(Attempt " + sending.attempt() + " to send message " + sending.deliveryId()
                        + ": it may have arrived before.)";
    }

    private static Map<String, String> values(Sending sending) {
        var content = sending.content();
        var values = content.main()
                .map(event -> values(event.state(), event.alert()))
                .orElseGet(() -> new HashMap<>(Map.of("state", WebhookBody.DIGEST, "severity", "info")));
        values.put("title", content.title());
        values.put("text", content.text());
        values.put("url", content.url());
        values.put("delivery_id", sending.deliveryId());
        values.put("attempt", String.valueOf(sending.attempt()));
        values.put("time", String.valueOf(sending.createdAt().getEpochSecond()));
        return values;
    }

    private static List<Map<String, String>> alerts(Sending sending) {
        return sending.content().events().stream()
                .map(event -> {
                    var values = values(event.state(), event.alert());
                    values.put("title", event.alert().text());
                    values.put("text", event.alert().text());
                    values.put("url", event.alert().actionUrl());
                    return values;
                })
                .toList();
    }

    private static Map<String, String> values(AlertEvent.State state, AlertView alert) {
        var values = new HashMap<String, String>();
        values.put("state", state.word());
        values.put("severity", alert.severity().word());
        values.put("kind", alert.kind().word());
        values.put("host", name(alert.host()));
        values.put("repository", name(alert.repository()));
        values.put("schedule", name(alert.schedule()));
        values.put("since", alert.since().toString());
        values.put("opened_at", alert.openedAt().toString());
        values.put("resolved_at", alert.resolvedAt().map(Instant::toString).orElse(""));
        values.put("advice", alert.advice());
        values.put("alert_id", alert.id());
        values.put("alert_text", alert.text());
        return values;
    }

    private static String name(Optional<? extends Subject.Named<?>> named) {
        return named.map(Subject.Named::name).orElse("");
    }

    /** As within a string of JSON. */
    private static String escaped(String text) {
        var quoted = StoredJson.write(text);
        return quoted.substring(1, quoted.length() - 1);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
