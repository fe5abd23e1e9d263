package io.resticfleet.server.channel;

import io.resticfleet.server.alert.AlertKey;
import io.resticfleet.server.alert.AlertKind;
import io.resticfleet.server.alert.Condition;
import io.resticfleet.server.alert.ConditionSource;
import io.resticfleet.server.alert.Findings;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.alert.Subject;
import io.resticfleet.server.db.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/** Finds channels to which nothing can be delivered. Their alerts go to the other channels. */
public final class ChannelRules implements ConditionSource {

    private static final Duration GRACE = Duration.ofMinutes(10);

    private final Database db;

    public ChannelRules(Database db) {
        this.db = db;
    }

    static AlertKey key(String channelId) {
        return AlertKey.server("channel/" + channelId);
    }

    @Override
    public Findings find(Instant now) {
        var channels = db.read(handle -> handle.attach(ChannelDao.class).all());
        boolean noneWorks = channels.stream()
                .filter(channel -> channel.channelKind().takesAlerts())
                .allMatch(channel -> channel.failingSinceAt().isPresent());
        return new Findings(
                channels.stream()
                        .filter(channel -> channel.failingSinceAt().isPresent())
                        .map(channel -> condition(channel, noneWorks ? Severity.CRITICAL : Severity.WARNING))
                        .toList(),
                Set.of());
    }

    private static Condition condition(ChannelRow channel, Severity severity) {
        return new Condition(
                key(channel.id()),
                AlertKind.CHANNEL_FAILING,
                severity,
                Subject.SERVER,
                channel.failingSinceAt().orElseThrow(),
                GRACE,
                "Messages to the channel " + channel.name() + " (" + ChannelConfig.host(channel.address())
                        + ") are not delivered: " + channel.lastError().orElse("unknown reason") + "."
                        + (severity == Severity.CRITICAL ? " No channel works." : ""),
                "Check the channel's address and credentials, and send a test. What waits is sent when it works again;"
                        + " each message is tried for three days.",
                "/channels/" + channel.id(),
                Condition.DAILY);
    }
}
