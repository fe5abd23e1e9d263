package io.resticfleet.program;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Parsed arguments: a command, its operand, and flags in any order, as {@code --name value} or {@code --name=value}.
 *
 * @param command empty if the first word is not a command
 * @param flags settings by flag, such as {@code --listen}; includes unknown flags, which {@link SettingsReader} rejects
 * @param problems texts for the operator, without problems of settings
 */
public record CommandLine<C extends Command>(
        Optional<C> command, List<String> operands, Map<String, String> flags, List<String> problems) {

    public CommandLine {
        operands = List.copyOf(operands);
        flags = Map.copyOf(flags);
        problems = List.copyOf(problems);
    }

    /**
     * Parses arguments. {@code --help} and {@code -h} mean the command {@code help}, whatever else is given;
     * {@code --version} means {@code version}.
     *
     * @param fallback the command if none is given
     */
    public static <C extends Command> CommandLine<C> parse(
            List<String> arguments, List<C> commands, C fallback, List<Setting> settings) {
        if (arguments.contains("--help") || arguments.contains("-h")) {
            return new CommandLine<>(find(commands, "help"), List.of(), Map.of(), List.of());
        }
        var words = new Words(settings);
        words.read(arguments);
        var word = words.plain.isEmpty() ? fallback.word() : words.plain.remove(0);
        var command = find(commands, word);
        command.ifPresentOrElse(
                known -> words.check(known), () -> words.problems.add("'" + word + "' is not a command; see --help"));
        return new CommandLine<>(command, words.plain, words.flags, words.problems);
    }

    private static <C extends Command> Optional<C> find(List<C> commands, String word) {
        return commands.stream().filter(command -> command.word().equals(word)).findFirst();
    }

    /** The words of a command line, sorted by kind. */
    private static final class Words {
        private final List<Setting> settings;
        private final List<String> plain = new ArrayList<>();
        private final Map<String, String> flags = new HashMap<>();
        private final List<String> problems = new ArrayList<>();

        Words(List<Setting> settings) {
            this.settings = settings;
        }

        void read(List<String> arguments) {
            for (int i = 0; i < arguments.size(); i++) {
                var word = arguments.get(i);
                int equals = word.indexOf('=');
                if (word.equals("--version")) {
                    plain.add("version");
                } else if (!word.startsWith("-")) {
                    plain.add(word);
                } else if (equals > 0) {
                    keep(word.substring(0, equals), word.substring(equals + 1));
                } else if (form(word) == Setting.Form.SWITCH) {
                    keep(word, "1");
                } else if (i + 1 < arguments.size() && isValue(arguments.get(i + 1))) {
                    keep(word, arguments.get(++i));
                } else if (setting(word).isPresent()) {
                    problems.add(word + " needs a value");
                } else {
                    keep(word, "");
                }
            }
        }

        /** Whether it can follow an option; {@code -} is standard input. */
        private static boolean isValue(String word) {
            return word.equals("-") || !word.startsWith("-");
        }

        void check(Command command) {
            if (plain.size() != (command.operand().isEmpty() ? 0 : 1)) {
                problems.add(command.word()
                        + (command.operand().isEmpty() ? " takes no arguments" : " takes one " + command.operand())
                        + " but was given " + plain);
            }
            settings.stream()
                    .filter(setting -> flags.containsKey(setting.flag()) && !setting.isTakenBy(command))
                    .forEach(setting -> problems.add(setting.flag() + " is not a setting of " + command.word()));
        }

        private void keep(String flag, String value) {
            flags.merge(flag, value, (one, other) -> form(flag) == Setting.Form.LIST ? one + "," + other : other);
        }

        private Setting.Form form(String flag) {
            return setting(flag).map(Setting::form).orElse(Setting.Form.VALUE);
        }

        private Optional<Setting> setting(String flag) {
            return settings.stream()
                    .filter(setting -> setting.flag().equals(flag))
                    .findFirst();
        }
    }
}
