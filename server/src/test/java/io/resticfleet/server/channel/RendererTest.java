package io.resticfleet.server.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.alert.AlertEvent.State;
import io.resticfleet.server.alert.AlertKind;
import io.resticfleet.server.alert.AlertView;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.alert.Subject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What each kind of channel sends, against what the documentation of its service asks for. */
class RendererTest {

    private static final Instant SINCE = Instant.parse("2026-03-01T12:00:00Z");
    private static final String DELIVERY = "01KJMMA2G0M4SDHH7QPATZPJEX";
    private static final HostId WEB = new HostId("01ARZ3NDEKTSV4RRFFQ69G5FAV");

    /** Names and errors come from machines. */
    private static final String HOSTILE = "\"@everyone\" <!channel> *b* \\ & é\n</b>";

    private static ChannelConfig config(String kind, Map<String, Object> given) {
        var wrong = new ArrayList<Violation>();
        var config = ChannelConfig.read(ChannelKind.of(kind), given, wrong);
        assertThat(wrong).isEmpty();
        assertThat(config.violations()).isEmpty();
        return config;
    }

    private static MessageContent.Event event(State state, Severity severity, String text) {
        return new MessageContent.Event(
                state,
                new AlertView(
                        "01ARZ3NDEKTSV4RRFFQ69G5A01",
                        AlertKind.BACKUP_FAILED,
                        severity,
                        Optional.of(new Subject.Named<>(WEB, "web")),
                        Optional.empty(),
                        Optional.empty(),
                        SINCE,
                        SINCE,
                        Optional.of(SINCE.plusSeconds(60)).filter(at -> state == State.RESOLVED),
                        text,
                        "",
                        "https://fleet.example/jobs/1",
                        Optional.empty()));
    }

    private static HttpCall call(ChannelConfig config, MessageContent content) {
        return (HttpCall)
                Renderer.render(new Renderer.Sending(config, content, DELIVERY, 1, SINCE.plusSeconds(5), "the log"));
    }

    private static HttpCall call(String kind, Map<String, Object> given, State state, Severity severity, String text) {
        return call(
                config(kind, given),
                Wording.of(List.of(event(state, severity, text)), 0, "https://fleet.example/alerts"));
    }

    private static String body(HttpCall call) {
        return new String(call.body(), StandardCharsets.UTF_8);
    }

    @Test
    void ntfy() {
        var call = call(
                "ntfy",
                Map.of("url", "https://ntfy.sh", "topic", "t0pic", "token", "tk_1"),
                State.OPEN,
                Severity.CRITICAL,
                "The backup failed.");

        assertThat(call.url()).hasToString("https://ntfy.sh/");
        assertThat(call.headers())
                .isEqualTo(Map.of("Content-Type", "application/json", "Authorization", "Bearer tk_1"));
        assertThat(body(call)).isEqualTo("""
                {"topic":"t0pic","title":"Critical: backup failed – web",\
                "message":"The backup failed.\\n\\nSince 1 Mar 2026 12:00 UTC.\\n\\nhttps://fleet.example/jobs/1",\
                "priority":5,"tags":["rotating_light"],"click":"https://fleet.example/jobs/1"}""");
        assertThat(call(
                        "ntfy",
                        Map.of("url", "https://ntfy.sh/", "topic", "t"),
                        State.RESOLVED,
                        Severity.CRITICAL,
                        "x"))
                .satisfies(quiet -> {
                    assertThat(quiet.headers()).doesNotContainKey("Authorization");
                    assertThat(body(quiet)).contains("\"Resolved: ", "\"priority\":3", "\"white_check_mark\"");
                });
    }

    @Test
    void gotify() {
        var call = call(
                "gotify",
                Map.of("url", "https://push.example/gotify", "token", "A1"),
                State.REMINDER,
                Severity.WARNING,
                HOSTILE);

        assertThat(call.url()).hasToString("https://push.example/gotify/message");
        assertThat(call.headers()).containsEntry("X-Gotify-Key", "A1");
        assertThat(body(call))
                .startsWith(
                        "{\"title\":\"Still warning: backup failed – web\",\"message\":\"\\\"@everyone\\\" <!channel>")
                .contains("\"priority\":5", "\"client::display\":{\"contentType\":\"text/plain\"}");
    }

    @Test
    void discord_mentions_nobody_and_shows_no_markup() throws Exception {
        var call = call("discord", Map.of("url", "https://d.example/api/1"), State.OPEN, Severity.WARNING, HOSTILE);

        var json = Json.LENIENT.readTree(body(call));
        assertThat(json.at("/allowed_mentions/parse").isEmpty()).isTrue();
        assertThat(json.at("/embeds/0/color").asInt()).isEqualTo(0xf59e0b);
        assertThat(json.at("/embeds/0/description").asText())
                .startsWith("\"@\u200beveryone\" \\<!channel\\> \\*b\\* \\\\ & é");
    }

    @Test
    void slack_escapes_control_sequences() throws Exception {
        var call = call("slack", Map.of("url", "https://hooks.slack.com/x"), State.RESOLVED, Severity.WARNING, HOSTILE);

        var json = Json.LENIENT.readTree(body(call));
        assertThat(json.at("/text").asText()).isEqualTo("Resolved: backup failed – web");
        assertThat(json.at("/attachments/0/color").asText()).isEqualTo("#16a34a");
        assertThat(json.at("/attachments/0/text").asText()).startsWith("\"@everyone\" &lt;!channel&gt; *b* \\ &amp; é");
    }

    @Test
    void telegram_sends_plain_text_without_previews() throws Exception {
        var call = call(
                "telegram",
                Map.of("token", "123:AB/c", "chat_id", "-100"),
                State.ESCALATED,
                Severity.CRITICAL,
                HOSTILE);

        assertThat(call.url()).hasToString("https://api.telegram.org/bot123%3AAB%2Fc/sendMessage");
        var json = Json.LENIENT.readTree(body(call));
        assertThat(json.at("/chat_id").asText()).isEqualTo("-100");
        assertThat(json.has("parse_mode")).isFalse();
        assertThat(json.at("/text").asText())
                .startsWith("\ud83d\udea8 Now critical: backup failed – web\n\n\"@\u200beveryone\" <!channel>");
        assertThat(json.at("/link_preview_options/is_disabled").asBoolean()).isTrue();
    }

    @Test
    void pushover() {
        var call = call("pushover", Map.of("token", "t", "user", "u"), State.OPEN, Severity.CRITICAL, "a&b=c é");

        assertThat(call.url()).hasToString("https://api.pushover.net/1/messages.json");
        assertThat(call.headers()).containsEntry("Content-Type", "application/x-www-form-urlencoded");
        assertThat(body(call))
                .startsWith("token=t&user=u&title=Critical%3A+backup+failed+%E2%80%93+web&message=a%26b%3Dc+%C3%A9")
                .endsWith("&priority=1&url=https%3A%2F%2Ffleet.example%2Fjobs%2F1&url_title=Open&timestamp=1772366405");
    }

    @Test
    void long_texts_fit_each_service() throws Exception {
        var name = "@".repeat(10_000);

        assertThat(call("ntfy", Map.of("url", "https://n/", "topic", "t"), State.OPEN, Severity.INFO, "€".repeat(9_000))
                        .body())
                .hasSizeLessThan(4_096);
        var discord = Json.LENIENT.readTree(
                body(call("discord", Map.of("url", "https://d/"), State.OPEN, Severity.INFO, name)));
        assertThat(discord.at("/embeds/0/description").asText()).hasSizeBetween(3_000, 4_096);
        var telegram = Json.LENIENT.readTree(
                body(call("telegram", Map.of("token", "t", "chat_id", "1"), State.OPEN, Severity.INFO, name)));
        assertThat(telegram.at("/text").asText()).hasSizeBetween(3_000, 4_096).contains("more characters)");
    }

    @Test
    void pings_name_the_run_and_the_schedule() {
        var ping = new RunPing("web-nightly", "/fail", new JobId(DELIVERY));
        var named = call(
                config("healthchecks", Map.of("base_url", "https://hc-ping.com", "ping_key", "k")),
                MessageContent.of(ping, ""));
        var one = call(
                config("healthchecks", Map.of("ping_url", "https://hc-ping.com/u-u")), MessageContent.of(ping, ""));

        assertThat(named.url().toString()).startsWith("https://hc-ping.com/k/web-nightly/fail?create=1&rid=");
        assertThat(one.url().toString()).matches("https://hc-ping.com/u-u/fail\\?rid=[0-9a-f-]{36}");
        assertThat(RunPings.slug("Web1", "Nightly")).isEqualTo("web1-nightly");
        assertThat(RunPings.slug("Wéb (1)", "Nightly/2")).matches("web-1-nightly-2-[0-9a-f]{8}");
        assertThat(RunPings.slug("db", "prod-home")).isNotEqualTo(RunPings.slug("db-prod", "home"));
        assertThat(RunPings.slug("web1", "документы")).isNotEqualTo(RunPings.slug("web1", "照片"));
    }

    @Test
    void a_body_of_ones_own_has_the_values_escaped_and_repeats_alerts() {
        var config = config(
                "webhook",
                Map.of(
                        "url",
                        "https://a/",
                        "headers",
                        Map.of("content-type", "application/vnd.x"),
                        "body",
                        "[{{#alerts}}{\"text\":\"{{text}}\"{{#resolved_at}},\"end\":\"{{resolved_at}}\"{{/resolved_at}}}{{/alerts}}]"));
        var events =
                List.of(event(State.OPEN, Severity.INFO, "a \"b\""), event(State.RESOLVED, Severity.INFO, "a \"b\""));

        var call = call(config, Wording.of(events, 0, "https://fleet.example/alerts"));

        assertThat(body(call))
                .isEqualTo("[{\"text\":\"a \\\"b\\\"\"},{\"text\":\"a \\\"b\\\"\",\"end\":\"2026-03-01T12:01:00Z\"}]");
        assertThat(call.headers())
                .containsEntry("content-type", "application/vnd.x")
                .doesNotContainKey("Content-Type");
    }
}
