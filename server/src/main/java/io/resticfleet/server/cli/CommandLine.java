package io.resticfleet.server.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What was typed after the program's name.
 *
 * @param command its first word; {@code serve} if there is none
 * @param operands the words after it
 * @param flags settings by name, such as {@code --listen}; unknown ones too
 * @param problems in words for the operator
 */
public record CommandLine(String command, List<String> operands, Map<String, String> flags, List<String> problems) {

    public CommandLine {
        operands = List.copyOf(operands);
        flags = Map.copyOf(flags);
        problems = List.copyOf(problems);
    }

    public static CommandLine parse(String... arguments) {
        var words = new ArrayList<String>();
        var flags = new HashMap<String, String>();
        var problems = new ArrayList<String>();
        for (int i = 0; i < arguments.length; i++) {
            var word = arguments[i];
            int equals = word.indexOf('=');
            if (word.equals("--help") || word.equals("-h")) {
                return new CommandLine("help", List.of(), Map.of(), List.of());
            } else if (!word.startsWith("-")) {
                words.add(word);
            } else if (equals > 0) {
                flags.put(word.substring(0, equals), word.substring(equals + 1));
            } else if (i + 1 < arguments.length && !arguments[i + 1].startsWith("-")) {
                flags.put(word, arguments[++i]);
            } else {
                problems.add(word + " needs a value");
            }
        }
        var command = words.isEmpty() ? "serve" : words.remove(0);
        return new CommandLine(command, words, flags, problems);
    }
}
