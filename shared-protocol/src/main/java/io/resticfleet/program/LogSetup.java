package io.resticfleet.program;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.util.List;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** The format of the log: on standard error, one line an event: time, level, sentence. */
public final class LogSetup {

    /** Strong references: JUL forgets the level of a logger that nobody holds. */
    private static List<Logger> held = List.of();

    private LogSetup() {}

    /**
     * To be called once, before the first line is logged.
     *
     * @param quiet libraries whose messages below a warning do not help an operator, by logger
     */
    public static void apply(String... quiet) {
        var root = Logger.getLogger("");
        for (var handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        var handler = new ConsoleHandler();
        handler.setFormatter(new OneLine());
        root.addHandler(handler);
        root.setLevel(Level.INFO);
        held = Stream.of(quiet).map(Logger::getLogger).toList();
        held.forEach(logger -> logger.setLevel(Level.WARNING));
    }

    /** {@code 2026-03-01T12:00:00.000Z INFO sentence key=value}; a stack trace follows where there is one. */
    public static final class OneLine extends Formatter {
        private static final int LONGEST = 4_000;

        /** What terminals obey, and marks that reorder text: C0, C1 and Unicode's bidirectional controls. */
        private static final String CONTROLS =
                "[\\p{Cntrl}\\u0080-\\u009f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069&&[^\\n\\t]]";

        @Override
        public String format(LogRecord event) {
            return "%tFT%<tT.%<tLZ %s %s%n%s"
                    .formatted(
                            event.getInstant().atOffset(ZoneOffset.UTC),
                            level(event.getLevel()),
                            oneLine(formatMessage(event)),
                            trace(event));
        }

        /** A peer's words may be among it: one line, no controls, no flood. */
        private static String oneLine(String text) {
            var some = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
            return some.replaceAll("[\\r\\n]+", " | ").replaceAll(CONTROLS, "?");
        }

        private static String level(Level level) {
            if (level == Level.SEVERE) {
                return "ERROR";
            }
            return level == Level.WARNING ? "WARN" : level.getName();
        }

        private static String trace(LogRecord event) {
            if (event.getThrown() == null) {
                return "";
            }
            var text = new StringWriter();
            event.getThrown().printStackTrace(new PrintWriter(text, true));
            return text.toString().replaceAll(CONTROLS, "?");
        }
    }
}
