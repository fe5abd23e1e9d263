package io.resticfleet.server;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** How the log looks: on standard error, one line an event: time, level, sentence. */
final class LogSetup {

    /** What libraries have to say below a warning is of no use to an operator. */
    private static final List<Logger> QUIET = List.of("org.eclipse.jetty", "org.flywaydb", "io.javalin").stream()
            .map(Logger::getLogger)
            .toList(); // held here, for JUL forgets the level of a logger that nobody holds

    private LogSetup() {}

    /** To be called before the first line is logged. */
    static void apply() {
        var root = Logger.getLogger("");
        for (var handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        var handler = new ConsoleHandler();
        handler.setFormatter(new OneLine());
        root.addHandler(handler);
        root.setLevel(Level.INFO);
        QUIET.forEach(logger -> logger.setLevel(Level.WARNING));
    }

    /** {@code 2026-03-01T12:00:00.000Z INFO sentence key=value}; a stack trace follows where there is one. */
    static final class OneLine extends Formatter {
        @Override
        public String format(LogRecord event) {
            return "%s %s %s%n%s"
                    .formatted(
                            event.getInstant().truncatedTo(ChronoUnit.MILLIS),
                            level(event.getLevel()),
                            formatMessage(event).replaceAll("[\\r\\n]+", " | "),
                            trace(event));
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
