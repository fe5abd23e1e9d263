package io.resticfleet.program;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A command of a program, as one line of {@code --help}. Each program lists its own in an enum. */
public interface Command {

    /** Name of the enum constant. */
    String name();

    /** The command as typed, such as {@code reset-password}. */
    default String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Placeholder of the one operand, such as {@code FILE}; empty if there is none. */
    default String operand() {
        return "";
    }

    String meaning();

    /** The command and its operand. */
    private static String usage(Command command) {
        return (command.word() + " " + command.operand()).strip();
    }

    static String help(List<? extends Command> commands) {
        int width = commands.stream()
                .map(Command::usage)
                .mapToInt(String::length)
                .max()
                .orElse(0);
        return commands.stream()
                .map(command -> ("  %-" + width + "s %s%n").formatted(usage(command), command.meaning()))
                .collect(Collectors.joining());
    }
}
