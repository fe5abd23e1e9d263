package io.resticfleet.server.channel;

import static io.resticfleet.server.channel.ChannelField.choice;
import static io.resticfleet.server.channel.ChannelField.optional;
import static io.resticfleet.server.channel.ChannelField.required;

import com.fasterxml.jackson.annotation.JsonValue;
import io.resticfleet.server.channel.ChannelField.Type;
import io.resticfleet.server.channel.HttpTemplate.Form;
import io.resticfleet.server.channel.HttpTemplate.Markup;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Where messages can be sent: the fields of each kind, and the request that its service takes. */
public enum ChannelKind {
    EMAIL(
            "Email",
            List.of(
                    required("host", Type.TEXT, "Mail server").hint("Its name, such as smtp.example.com."),
                    required("port", Type.PORT, "Port").hint("Mostly 587 with STARTTLS, 465 with TLS."),
                    choice("security", "Encryption", "starttls", "tls", "none"),
                    optional("username", Type.TEXT, "User name"),
                    optional("password", Type.TEXT, "Password").sealed(),
                    required("from", Type.ADDRESS, "From"),
                    required("to", Type.ADDRESSES, "To").hint("Addresses, separated by commas."))),
    WEBHOOK(
            "Webhook",
            List.of(
                    required("url", Type.URL, "URL").sealed(),
                    optional("secret", Type.TEXT, "Secret")
                            .sealed()
                            .hint("Signs each body: X-Restic-Fleet-Signature is sha256= and its HMAC-SHA256."),
                    optional("headers", Type.HEADERS, "Headers").sealed().hint("One a line, as Name: value."),
                    optional("body", Type.TEMPLATE, "Body")
                            .hint("JSON with placeholders such as {{text}}; the standard body if left empty."))),
    /** @see <a href="https://docs.ntfy.sh/publish/#publish-as-json">ntfy: Publish as JSON</a> */
    NTFY(
            "ntfy",
            List.of(
                    required("url", Type.URL, "Server").hint("Such as https://ntfy.sh."),
                    required("topic", Type.TOKEN, "Topic")
                            .sealed()
                            .hint("Who knows it reads what is sent to it, and can send."),
                    optional("token", Type.TOKEN, "Access token").sealed()),
            new HttpTemplate(
                    "{{config.url/}}",
                    Map.of("Authorization", "{{#config.token}}Bearer {{config.token}}{{/config.token}}"),
                    Form.JSON,
                    """
                    {"topic":"{{config.topic}}","title":"{{title}}","message":"{{text}}","priority":{{look.priority}},\
                    "tags":["{{look.tag}}"],"click":"{{url}}"}""",
                    Map.of(
                            "priority", List.of("2", "4", "5", "3"),
                            "tag", List.of("information_source", "warning", "rotating_light", "white_check_mark")),
                    Markup.NONE,
                    250,
                    1_200)), // 4,096 bytes; more becomes a file
    /** @see <a href="https://gotify.net/docs/pushmsg">Gotify: Push messages</a> */
    GOTIFY(
            "Gotify",
            List.of(
                    required("url", Type.URL, "Server").hint("Such as https://gotify.example.com."),
                    required("token", Type.TOKEN, "Application token").sealed()),
            new HttpTemplate(
                    "{{config.url/}}message",
                    Map.of("X-Gotify-Key", "{{config.token}}"),
                    Form.JSON,
                    """
                    {"title":"{{title}}","message":"{{text}}","priority":{{look.priority}},"extras":{\
                    "client::display":{"contentType":"text/plain"},\
                    "client::notification":{"click":{"url":"{{url}}"}}}}""",
                    Map.of("priority", List.of("2", "5", "8", "4")),
                    Markup.NONE,
                    250,
                    4_000)),
    /** @see <a href="https://discord.com/developers/docs/resources/webhook#execute-webhook">Discord: Execute Webhook</a> */
    DISCORD(
            "Discord",
            List.of(required("url", Type.URL, "Webhook URL").sealed()),
            new HttpTemplate(
                    "{{config.url}}",
                    Map.of(),
                    Form.JSON,
                    """
                    {"allowed_mentions":{"parse":[]},"embeds":[{"title":"{{title}}","description":"{{text}}",\
                    "url":"{{url}}","color":{{look.color}}}]}""",
                    Map.of("color", List.of("3900150", "16096779", "14427686", "1483594")),
                    Markup.DISCORD,
                    120,
                    2_000)), // 256 and 4,096 with everything escaped
    /** @see <a href="https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks">Slack: Incoming webhooks</a> */
    SLACK(
            "Slack",
            List.of(required("url", Type.URL, "Webhook URL").sealed()),
            new HttpTemplate(
                    "{{config.url}}",
                    Map.of(),
                    Form.JSON,
                    """
                    {"text":"{{title}}","attachments":[{"color":"{{look.color}}","fallback":"{{title}}",\
                    "text":"{{text}}","mrkdwn_in":[]}],"mrkdwn":false,"unfurl_links":false}""",
                    Map.of("color", Stream.of(Look.values()).map(Look::color).toList()),
                    Markup.SLACK,
                    250,
                    3_000)),
    /** @see <a href="https://core.telegram.org/bots/api#sendmessage">Telegram: sendMessage</a> */
    TELEGRAM(
            "Telegram",
            List.of(
                    required("token", Type.TOKEN, "Bot token").sealed(),
                    required("chat_id", Type.TOKEN, "Chat").hint("The chat's number, or @name of a public channel.")),
            new HttpTemplate(
                    "https://api.telegram.org/bot{{config.token}}/sendMessage",
                    Map.of(),
                    Form.JSON,
                    """
                    {"chat_id":"{{config.chat_id}}","text":"{{look.sign}} {{title}}\\n\\n{{text}}",\
                    "link_preview_options":{"is_disabled":true},"disable_notification":{{look.silent}}}""",
                    Map.of(
                            "sign", List.of("\u2139\ufe0f", "\u26a0\ufe0f", "\ud83d\udea8", "\u2705"),
                            "silent", List.of("true", "false", "false", "true")),
                    Markup.TELEGRAM,
                    250,
                    1_800)), // 4,096 in all, with every character a mention
    /** @see <a href="https://pushover.net/api#messages">Pushover: Pushing messages</a> */
    PUSHOVER(
            "Pushover",
            List.of(
                    required("token", Type.TOKEN, "Application token").sealed(),
                    required("user", Type.TOKEN, "User or group key").sealed()),
            new HttpTemplate(
                    "https://api.pushover.net/1/messages.json",
                    Map.of(),
                    Form.FORM,
                    "token={{config.token}}&user={{config.user}}&title={{title}}&message={{text}}"
                            + "&priority={{look.priority}}&url={{url}}&url_title=Open&timestamp={{time}}",
                    Map.of("priority", List.of("-1", "0", "1", "-1")),
                    Markup.NONE,
                    250,
                    1_024)),
    /**
     * Pings of runs, no alerts.
     *
     * @see <a href="https://healthchecks.io/docs/http_api/">Healthchecks.io: Pinging API</a>
     */
    HEALTHCHECKS(
            "Healthchecks",
            List.of(
                    optional("ping_url", Type.URL, "Ping URL")
                            .sealed()
                            .hint("Of one check for all runs; or else server and ping key."),
                    optional("base_url", Type.URL, "Server").hint("Such as https://hc-ping.com."),
                    optional("ping_key", Type.TOKEN, "Ping key")
                            .sealed()
                            .hint("Of a project, in which each schedule gets a check."),
                    optional("log_tail", Type.FLAG, "Send the end of each log")
                            .hint("Names of files in it are sent to that server.")));

    private final String label;
    private final List<ChannelField> fields;
    private final Optional<HttpTemplate> template;

    ChannelKind(String label, List<ChannelField> fields) {
        this.label = label;
        this.fields = fields;
        this.template = Optional.empty();
    }

    ChannelKind(String label, List<ChannelField> fields, HttpTemplate template) {
        this.label = label;
        this.fields = fields;
        this.template = Optional.of(template);
    }

    /** @throws IllegalArgumentException if there is no such kind */
    public static ChannelKind of(String word) {
        return Stream.of(values())
                .filter(kind -> kind.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("kind must be one of "
                        + String.join(
                                ", ", Stream.of(values()).map(ChannelKind::word).toList())));
    }

    /** The name in JSON and in the database, such as {@code ntfy}. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The name for people. */
    public String label() {
        return label;
    }

    /** In the order of a form. */
    public List<ChannelField> fields() {
        return fields;
    }

    /** Whether it gets alerts and digests; else it gets runs. */
    public boolean takesAlerts() {
        return this != HEALTHCHECKS;
    }

    /** Empty if its messages are no such request. */
    Optional<HttpTemplate> template() {
        return template;
    }
}
