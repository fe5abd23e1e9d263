package io.resticfleet.agent;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** How the log looks: on standard error, one line an event, as the server's: time, level, sentence. */
final class LogSetup {

    private LogSetup() {}

    /** To be called before the first line is logged. */
    static void apply() {
        for (var handler : Logger.getLogger("").getHandlers()) {
            handler.setFormatter(new OneLine());
        }
    }

    /** {@code 2026-03-01T12:00:00.000Z INFO sentence key=value}; a stack trace follows where there is one. */
    static final class OneLine extends Formatter {
        private static final int LONGEST = 4_000;

        @Override
        public String format(LogRecord event) {
            return "%tFT%<tT.%<tLZ %s %s%n%s"
                    .formatted(
                            event.getInstant().atOffset(ZoneOffset.UTC),
                            level(event.getLevel()),
                            harmless(formatMessage(event)),
                            trace(event));
        }

        /** A server's words may be among it: one line, nothing that a terminal obeys, no flood. */
        private static String harmless(String text) {
            var some = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
            return some.replaceAll("[\\r\\n]+", " | ").replaceAll("[\\p{Cntrl}\\u0080-\\u009f]", "?");
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
            return text.toString();
        }
    }
}
