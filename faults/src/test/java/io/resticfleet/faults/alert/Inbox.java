package io.resticfleet.faults.alert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.resticfleet.faults.Killed;
import io.resticfleet.faults.Timeline;
import io.resticfleet.server.channel.HttpCall;
import io.resticfleet.server.channel.Outgoing;
import io.resticfleet.server.channel.SendResult;
import io.resticfleet.server.channel.Sender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** The receiving end of the channels, which may be down, slow to answer, or see the server die as it answers. */
final class Inbox implements Sender {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** One event of a message. */
    record Event(
            String state,
            String alertId,
            String key,
            String kind,
            String severity,
            Instant openedAt,
            Optional<Instant> resolvedAt,
            String text) {}

    /** An attempt as the channel saw it; one that did not reach it has no events. */
    record Message(
            String channel,
            Instant at,
            String deliveryId,
            int attempt,
            boolean delivered,
            List<Event> events,
            int cut) {}

    private final Timeline timeline;
    private final SplittableRandom random;
    private final List<Message> messages = new ArrayList<>();
    private final Map<String, Availability> working = new HashMap<>();
    private final Map<String, Instant> downUntil = new HashMap<>();
    private boolean diesNext;
    private int deaths;

    Inbox(Timeline timeline, SplittableRandom random, List<String> channels) {
        this.timeline = timeline;
        this.random = random;
        channels.forEach(name -> {
            var availability = new Availability();
            availability.begins(Timeline.START);
            working.put(name, availability);
        });
    }

    void down(String channel, Instant until) {
        downUntil.put(channel, until);
    }

    /** The server dies after its next message has arrived and before it can note it. */
    void dieNext() {
        diesNext = true;
    }

    int deaths() {
        return deaths;
    }

    List<Message> messages() {
        return messages;
    }

    /** When a channel's last message was delivered, as far as the server knows. */
    Availability working(String channel) {
        return working.get(channel);
    }

    @Override
    public SendResult send(Outgoing message) {
        var call = (HttpCall) message;
        var channel = call.url().getHost().replaceFirst("\\..*", "");
        var now = timeline.instant();
        boolean down = downUntil.getOrDefault(channel, Instant.MIN).isAfter(now);
        int luck = random.nextInt(1_000);
        if (down || luck < 15) {
            record(channel, call, false);
            working.get(channel).ends(now);
            return SendResult.failed("could not connect");
        }
        record(channel, call, true);
        if (diesNext) {
            diesNext = false;
            deaths++;
            throw new Killed();
        }
        if (luck < 25) {
            working.get(channel).ends(now);
            return SendResult.failed("no answer in time");
        }
        working.get(channel).begins(now);
        return SendResult.delivered("HTTP status 200");
    }

    private void record(String channel, HttpCall call, boolean delivered) {
        try {
            var body = JSON.readTree(call.body());
            var events = new ArrayList<Event>();
            if (body.has("alerts")) {
                body.get("alerts")
                        .forEach(one -> events.add(event(one.get("state").asText(), one.get("alert"))));
            } else {
                events.add(event(body.get("state").asText(), body.get("alert")));
            }
            messages.add(new Message(
                    channel,
                    timeline.instant(),
                    body.get("delivery_id").asText(),
                    body.get("attempt").asInt(),
                    delivered,
                    events,
                    body.path("cut").asInt(0)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Event event(String state, JsonNode alert) {
        return new Event(
                state,
                alert.get("id").asText(),
                key(alert),
                alert.get("kind").asText(),
                alert.get("severity").asText(),
                Instant.parse(alert.get("opened_at").asText()),
                Optional.ofNullable(alert.get("resolved_at"))
                        .filter(any -> !any.isNull())
                        .map(JsonNode::asText)
                        .map(Instant::parse),
                alert.get("text").asText());
    }

    /** What it is about, as {@link Truth} calls it. */
    private static String key(JsonNode alert) {
        if (alert.hasNonNull("schedule")) {
            return "schedule/" + alert.get("schedule").get("id").asText();
        }
        var kind = alert.get("kind").asText();
        return alert.hasNonNull("host")
                ? "host/" + alert.get("host").get("id").asText() + "/"
                        + switch (kind) {
                            case "host_offline", "host_never_connected" -> "offline";
                            case "backup_stale" -> "stale";
                            case "host_paused" -> "paused";
                            case "host_unprotected" -> "unprotected";
                            default -> kind;
                        }
                : "server/" + kind;
    }

    @Override
    public void close() {
        // nothing is open
    }
}
