package io.resticfleet.server.channel;

import io.resticfleet.server.alert.Severity;

/** How a message is to look, so that an alarm and its end are told apart at a glance. */
enum Look {
    INFO("#3b82f6"),
    WARNING("#f59e0b"),
    CRITICAL("#dc2626"),
    RESOLVED("#16a34a");

    private final String color;

    Look(String color) {
        this.color = color;
    }

    static Look of(Severity severity) {
        return switch (severity) {
            case INFO -> INFO;
            case WARNING -> WARNING;
            case CRITICAL -> CRITICAL;
        };
    }

    /** As in CSS. */
    String color() {
        return color;
    }
}
