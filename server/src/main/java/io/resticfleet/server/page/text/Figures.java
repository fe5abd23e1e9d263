package io.resticfleet.server.page.text;

import java.time.Duration;
import java.util.Locale;

/** Formats byte counts, numbers and durations. */
public final class Figures {

    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Figures() {}

    /** In restic's units, such as {@code 12.4 GiB}. */
    public static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1023.95 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ENGLISH, "%.1f %s", value, UNITS[unit]);
    }

    /** Such as {@code 12,345}. */
    public static String count(long number) {
        return String.format(Locale.ENGLISH, "%,d", number);
    }

    /** Such as {@code 1 machine} and {@code 12 machines}. */
    public static String count(long number, String one, String many) {
        return count(number) + " " + (number == 1 ? one : many);
    }

    /** Such as {@code 2 h 5 min} or {@code 12 s}. */
    public static String duration(Duration span) {
        long seconds = Math.max(0, span.toSeconds());
        if (seconds < 60) {
            return seconds + " s";
        }
        long minutes = seconds / 60;
        if (minutes < 60) {
            return minutes + " min" + (minutes < 10 && seconds % 60 > 0 ? " " + seconds % 60 + " s" : "");
        }
        long hours = minutes / 60;
        return hours < 24
                ? hours + " h" + (minutes % 60 > 0 ? " " + minutes % 60 + " min" : "")
                : hours / 24 + " d" + (hours % 24 > 0 ? " " + hours % 24 + " h" : "");
    }
}
