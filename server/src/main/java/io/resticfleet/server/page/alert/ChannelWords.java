package io.resticfleet.server.page.alert;

import io.resticfleet.server.channel.Channel;
import io.resticfleet.server.channel.ChannelKind;
import io.resticfleet.server.channel.Delivery;
import io.resticfleet.server.channel.DigestEvery;
import io.resticfleet.server.page.text.Figures;
import java.util.ArrayList;
import java.util.List;

/** Channels and their messages in words. */
final class ChannelWords {

    private ChannelWords() {}

    /** Whether messages arrive. */
    static String of(Channel.Status status) {
        return switch (status) {
            case OK -> "Works";
            case FAILING -> "Fails";
            case UNTESTED -> "Nothing delivered yet";
        };
    }

    /** One of {@code ok bad off}. */
    static String tone(Channel.Status status) {
        return switch (status) {
            case OK -> "ok";
            case FAILING -> "bad";
            case UNTESTED -> "off";
        };
    }

    /** What is sent, such as {@code warnings and worse, of 2 machines, a weekly digest}. */
    static String filter(Channel channel) {
        var words = new ArrayList<String>();
        words.add(
                channel.kind().takesAlerts()
                        ? switch (channel.minSeverity()) {
                            case INFO -> "everything";
                            case WARNING -> "warnings and worse";
                            case CRITICAL -> "only what is critical";
                        }
                        : "how runs begin and end");
        channel.hosts().ifPresent(hosts -> words.add("of " + Figures.count(hosts.size(), "machine", "machines")));
        channel.tags().ifPresent(tags -> words.add("tagged " + String.join(" or ", tags)));
        channel.digest().ifPresent(every -> words.add("a " + every.word() + " digest"));
        return String.join(", ", words);
    }

    /** What the kind is good for, in a sentence. */
    static String about(ChannelKind kind) {
        return switch (kind) {
            case EMAIL -> "A mail for each alert, by your own mail server. With a digest, also when all is well.";
            case WEBHOOK ->
                "A POST with JSON to a program of yours, or to a service such as Alertmanager by a body of its own.";
            case NTFY -> "A push message to telephones and desktops, by ntfy.sh or your own ntfy.";
            case GOTIFY -> "A push message by your own Gotify server.";
            case DISCORD -> "A message in a channel of Discord: create a webhook in the channel's settings.";
            case SLACK -> "A message in a channel of Slack: create an incoming webhook for it.";
            case TELEGRAM ->
                "A message of a bot: create one with @BotFather, and write to it once or add it to a group.";
            case PUSHOVER -> "A push message by Pushover: create an application there.";
            case HEALTHCHECKS ->
                "No alerts, but a ping when a run begins and how it ends, to Healthchecks.io or your own: it tells you when"
                        + " pings stay away, also if this server is down.";
        };
    }

    /** A value of a field with choices. */
    static String choice(String value) {
        return switch (value) {
            case "starttls" -> "STARTTLS";
            case "tls" -> "TLS from the start";
            case "none" -> "none: others on the network can read it";
            default -> value;
        };
    }

    static String of(DigestEvery every) {
        return switch (every) {
            case DAILY -> "every day at 07:00";
            case WEEKLY -> "on Mondays at 07:00";
        };
    }

    static String state(Delivery delivery) {
        return switch (delivery.state()) {
            case "delivered" -> "Delivered";
            case "given_up" -> "Given up";
            default -> delivery.attempts() == 0 ? "Waiting" : "Not delivered yet";
        };
    }

    static String tone(Delivery delivery) {
        return switch (delivery.state()) {
            case "delivered" -> "ok";
            case "given_up" -> "bad";
            default -> delivery.attempts() == 0 ? "off" : "warn";
        };
    }

    /** What an attempt came to. */
    static String of(Delivery.Attempt attempt) {
        return attempt.ok().isEmpty()
                ? "no result: being made, or cut short by a restart of this server"
                : attempt.ok().get() ? "delivered" : attempt.detail().orElse("failed");
    }

    /** The severities to choose from, by their name in the API. */
    static List<String> severity(String word) {
        return switch (word) {
            case "info" -> List.of(word, "everything");
            case "warning" -> List.of(word, "warnings and what is critical");
            default -> List.of(word, "only what is critical");
        };
    }
}
