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

/** The format of the log, on standard error, one line per event: time, level, message. */
public final class LogSetup {

    /** Strong references: java.util.logging discards loggers without any, and their levels. */
    private static List<Logger> loggers = List.of();

    private LogSetup() {}

    /**
     * Configures logging. Call it once, before the first line is logged.
     *
     * @param quiet loggers of libraries of which only warnings and errors are logged
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
        loggers = Stream.of(quiet).map(Logger::getLogger).toList();
        loggers.forEach(logger -> logger.setLevel(Level.WARNING));
    }

    /** {@code 2026-03-01T12:00:00.000Z INFO message key=value}, followed by the stack trace, if any. */
    public static final class OneLine extends Formatter {
        private static final int MAX_LENGTH = 4_000;

        /** Characters that control terminals or reorder text: C0, C1 and Unicode's bidirectional controls. */
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

        /** Makes one line of limited length without control characters, as the text may contain input from a peer. */
        private static String oneLine(String text) {
            var some = text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "…";
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
