package io.resticfleet.server.alert;

import io.resticfleet.protocol.HostId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Conditions of two hosts. */
final class SampleConditions {

    static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    static final HostId WEB = new HostId("01ARZ3NDEKTSV4RRFFQ69G5FAV");
    static final HostId NAS = new HostId("01ARZ3NDEKTSV4RRFFQ69G5FAW");

    private SampleConditions() {}

    static Condition offline(Severity severity) {
        return offline(severity, START);
    }

    static Condition offline(Severity severity, Instant since) {
        return new Condition(
                AlertKey.host(WEB, "offline"),
                AlertKind.HOST_OFFLINE,
                severity,
                about(WEB, "web", List.of(WEB)),
                since,
                Duration.ofMinutes(15),
                "web is offline.",
                "Switch it on.",
                "/hosts/" + WEB,
                Condition.DAILY);
    }

    static Condition paused() {
        return new Condition(
                AlertKey.host(NAS, "paused"),
                AlertKind.HOST_PAUSED,
                Severity.INFO,
                about(NAS, "nas", List.of(NAS)),
                START,
                Duration.ZERO,
                "nas is paused.",
                "",
                "/hosts/" + NAS,
                Condition.WEEKLY);
    }

    /** Concerns two hosts. */
    static Condition damaged() {
        return new Condition(
                new AlertKey("repository/01ARZ3NDEKTSV4RRFFQ69G5FAX/status"),
                AlertKind.REPOSITORY_DAMAGED,
                Severity.CRITICAL,
                about(NAS, "nas", List.of(WEB, NAS)),
                START,
                Duration.ZERO,
                "The repository is damaged.",
                "Read on.",
                "/repositories/01ARZ3NDEKTSV4RRFFQ69G5FAX",
                Condition.DAILY);
    }

    private static Subject about(HostId hostId, String name, List<HostId> concerns) {
        return new Subject(
                Optional.of(new Subject.Named<>(hostId, name)),
                Optional.empty(),
                Optional.empty(),
                concerns,
                List.of("nightly"));
    }

    static List<Condition> many(int count) {
        var all = new ArrayList<Condition>();
        for (int i = 0; i < count; i++) {
            all.add(new Condition(
                    AlertKey.server("channel/" + i),
                    AlertKind.CHANNEL_FAILING,
                    Severity.WARNING,
                    Subject.SERVER,
                    START,
                    Duration.ZERO,
                    "Channel " + i + " fails.",
                    "Mend it.",
                    "/channels/" + i,
                    Condition.DAILY));
        }
        return all;
    }
}
