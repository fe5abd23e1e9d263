package io.resticfleet.server.summary;

import io.resticfleet.server.alert.AlertKind;
import io.resticfleet.server.status.HostStatus;

/**
 * A small picture with a label and a state, without any name.
 *
 * @param message a few words of ASCII without markup
 */
record Badge(String message, Colour colour) {

    private static final String LABEL = "backup";

    /** About the width of a character of 11 px, and the space beside a text. */
    private static final int CHARACTER_WIDTH = 7;

    private static final int PADDING = 10;

    enum Colour {
        GREEN("#2e7d32"),
        GREY("#616161"),
        AMBER("#b26a00"),
        RED("#c62828");

        private final String code;

        Colour(String code) {
            this.code = code;
        }
    }

    static Badge of(HostStatus host, Health health) {
        if (health.has(host, AlertKind.BACKUP_STALE)) {
            return new Badge("stale", Colour.RED);
        }
        var badge = of(host);
        return badge.colour() != Colour.RED && badge.colour() != Colour.AMBER && health.needsAttention(host)
                ? new Badge("needs attention", Colour.AMBER)
                : badge;
    }

    private static Badge of(HostStatus host) {
        return switch (host.state()) {
            case FAILED -> new Badge("failed", Colour.RED);
            case MISSED -> new Badge("missed", Colour.RED);
            case DRILL_FAILED -> new Badge("drill failed", Colour.RED);
            case CLONED -> new Badge("cloned", Colour.RED);
            case NEVER_SEEN -> new Badge("never connected", Colour.RED);
            case RESTIC_MISSING -> new Badge("restic missing", Colour.RED);
            case REFUSED -> new Badge("schedules rejected", Colour.RED);
            case PARTIAL -> new Badge("partial", Colour.AMBER);
            case UNUSUAL -> new Badge("unusual", Colour.AMBER);
            case UNPROTECTED -> new Badge("no schedule", Colour.AMBER);
            case NOT_YET -> new Badge("none yet", Colour.AMBER);
            case PAUSED -> new Badge("paused", Colour.GREY);
            case OFFLINE -> new Badge("ok, offline", Colour.GREY);
            case WAITING -> new Badge("waiting", Colour.GREY);
            case BACKED_UP -> new Badge("ok", Colour.GREEN);
        };
    }

    /** Of all hosts. */
    static Badge of(int hosts, int ok, int needingAttention) {
        if (hosts == 0) {
            return new Badge("no hosts", Colour.GREY);
        }
        return needingAttention > 0
                ? new Badge(needingAttention + " of " + hosts + " need attention", Colour.RED)
                : new Badge(ok + " of " + hosts + " ok", ok == hosts ? Colour.GREEN : Colour.GREY);
    }

    String svg() {
        int left = width(LABEL);
        int right = width(message);
        return """
                <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="20" role="img" aria-label="%2$s: %3$s">\
                <title>%2$s: %3$s</title>\
                <clipPath id="r"><rect width="%1$d" height="20" rx="3"/></clipPath>\
                <g clip-path="url(#r)"><rect width="%4$d" height="20" fill="#424242"/>\
                <rect x="%4$d" width="%5$d" height="20" fill="%6$s"/></g>\
                <g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">\
                <text x="%7$d" y="14" textLength="%8$d">%2$s</text><text x="%9$d" y="14" textLength="%10$d">%3$s</text>\
                </g></svg>
                """.formatted(
                        left + right,
                        LABEL,
                        message,
                        left,
                        right,
                        colour.code,
                        left / 2,
                        left - PADDING,
                        left + right / 2,
                        right - PADDING);
    }

    private static int width(String text) {
        return text.length() * CHARACTER_WIDTH + PADDING;
    }
}
