package io.resticfleet.program;

import java.util.Set;

/**
 * One setting, with its line in {@code --help} and the documentation.
 *
 * @param name of the environment variable; empty if there is none
 * @param flag on the command line; takes precedence over the variable; empty if there is none
 * @param value placeholder of the value in the help, such as {@code FILE}; not shown for a switch
 * @param fallback the default value, or a word for it where it is not a fixed value; empty for none
 * @param commands names of the commands that take the flag; empty for all of them
 */
public record Setting(
        String name, String flag, Form form, String value, String fallback, Set<String> commands, String meaning) {

    /** What may follow the flag. */
    public enum Form {
        /** No value, which means {@code 1}; another value only after {@code =}. */
        SWITCH,
        /** A value; of repeated flags the last one applies. */
        VALUE,
        /** Values separated by commas; a repeated flag adds more. */
        LIST
    }

    public Setting {
        commands = Set.copyOf(commands);
    }

    /** A setting with a value, for all commands. */
    public Setting(String name, String flag, String fallback, String meaning) {
        this(name, flag, Form.VALUE, "VALUE", fallback, Set.of(), meaning);
    }

    /** Whether the value must never be shown. */
    public boolean isSecret() {
        return name.endsWith("_TOKEN") || flag.endsWith("-token");
    }

    boolean isTakenBy(Command command) {
        return commands.isEmpty() || commands.contains(command.word());
    }
}
