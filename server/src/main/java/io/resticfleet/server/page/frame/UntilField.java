package io.resticfleet.server.page.frame;

import io.javalin.http.Context;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Reads the two fields by which somebody chooses an end: one of a few spans, or a day and time. */
public final class UntilField {

    /** @param value in the form, an ISO 8601 duration */
    public record Span(String value, String words) {}

    private static final List<Span> SPANS = List.of(
            new Span("PT1H", "for an hour"),
            new Span("PT4H", "for 4 hours"),
            new Span("PT12H", "for 12 hours"),
            new Span("P1D", "for a day"),
            new Span("P3D", "for 3 days"),
            new Span("P7D", "for a week"),
            new Span("P30D", "for 30 days"));

    private UntilField() {}

    /** The spans to choose from, the shortest first. */
    public static List<Span> spans() {
        return SPANS;
    }

    /** What the field of day and time shows for an end: in the user's zone, empty for none. */
    public static String value(Optional<Instant> end, Viewer viewer) {
        return end.map(at -> LocalDateTime.ofInstant(at, viewer.zone())
                        .truncatedTo(ChronoUnit.MINUTES)
                        .toString())
                .orElse("");
    }

    /**
     * The chosen end; empty for none. A span precedes a day and time, which may be those of the present end.
     *
     * @throws Problem 400 {@code invalid_until} or {@code invalid_span}
     */
    public static Optional<Instant> of(Context ctx, InstantSource clock) {
        var until = Requests.field(ctx, "until").strip();
        var span = Requests.field(ctx, "span");
        var viewer = Viewer.of(ctx, clock.instant());
        if (span.isEmpty()) {
            return Optional.of(until).filter(text -> !text.isEmpty()).map(text -> time(text, viewer));
        }
        return Optional.of(SPANS.stream()
                .filter(one -> one.value().equals(span))
                .findFirst()
                .map(one -> viewer.now().plus(Duration.parse(one.value())))
                .orElseThrow(() -> invalid("span", "invalid_span", "choose one of the times in the list")));
    }

    /** As browsers send a local time; in the user's zone. */
    private static Instant time(String text, Viewer viewer) {
        try {
            return LocalDateTime.parse(text).atZone(viewer.zone()).toInstant();
        } catch (DateTimeException e) {
            throw invalid("until", "invalid_until", "enter day and time, such as 2026-03-01T12:00");
        }
    }

    private static Problem invalid(String field, String code, String detail) {
        return Problem.invalid(List.of(new Violation(field, code, detail)));
    }
}
