package io.resticfleet.agent;

import io.resticfleet.agent.job.HookPolicy;
import io.resticfleet.agent.link.Pin;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.restic.ResticProgram;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Everything that can be set, read once at start.
 *
 * @param server present for enroll
 * @param token present for enroll; never shown
 */
record AgentConfig(
        Path stateDir,
        Optional<ServerAddress> server,
        Optional<String> token,
        Optional<Pin> pin,
        HookPolicy hooks,
        ResticProgram restic) {

    private static final Set<String> EVERYWHERE = Set.of("enroll", "run", "doctor");

    /** One line of {@code --help} and of what is accepted. An empty flag or variable is none. */
    private record Option(
            String flag, String variable, String value, String fallback, Set<String> commands, String meaning) {}

    private static final Option SERVER =
            new Option("--server", "", "URL", "", Set.of("enroll"), "where the restic-fleet server is; required");
    private static final Option TOKEN =
            new Option("--token", "", "T", "", Set.of("enroll"), "the enrolment token the server gave; required");
    private static final Option PIN =
            new Option("--pin", "", "SHA256", "", Set.of("enroll"), "trust this server certificate and no other");
    private static final Option STATE_DIR = new Option(
            "--state-dir", "", "DIR", "/var/lib/restic-fleet-agent", EVERYWHERE, "where the agent keeps what it knows");
    private static final Option HOOKS = new Option(
            "--allow-hooks",
            "RESTIC_FLEET_ALLOW_HOOKS",
            "",
            "0",
            Set.of("run"),
            "1 lets the server's operators run commands here before and after backups");
    private static final Option RESTIC = new Option(
            "", "RESTIC_FLEET_RESTIC", "FILE", "restic", EVERYWHERE, "the restic to use; a name is looked up on PATH");

    private static final List<Option> OPTIONS = List.of(SERVER, TOKEN, PIN, STATE_DIR, HOOKS, RESTIC);

    /** @throws IllegalArgumentException listing everything that is wrong, one to a line, fit to show */
    static AgentConfig read(String command, List<String> arguments, Map<String, String> environment) {
        var reader = new Reader(command, arguments, environment);
        var config = new Object() {
            final Optional<Path> stateDir = reader.get(STATE_DIR, Path::of);
            final Optional<ServerAddress> server = reader.get(SERVER, ServerAddress::new);
            final Optional<String> token = reader.get(TOKEN, text -> text);
            final Optional<Pin> pin = reader.get(PIN, Pin::parse);
            final Optional<HookPolicy> hooks = reader.get(HOOKS, AgentConfig::hookPolicy);
            final Optional<String> restic = reader.get(RESTIC, text -> text);
        };
        if (command.equals("enroll")) {
            reader.require(SERVER);
            reader.require(TOKEN);
        }
        reader.throwIfWrong();
        var path = environment.getOrDefault("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        return new AgentConfig(
                config.stateDir.orElseThrow(),
                config.server,
                config.token,
                config.pin,
                config.hooks.orElse(HookPolicy.REFUSED),
                new ResticProgram(config.restic.orElseThrow(), path));
    }

    static String help() {
        return """
                The restic-fleet agent: backs this machine up as its server says, and goes on while the server is away.

                Usage: java -jar restic-fleet-agent.jar COMMAND [OPTIONS]

                  enroll    join a server, once
                  run       back up; runs until it is stopped
                  doctor    find out what is wrong
                  version   print the version

                """ + OPTIONS.stream().map(AgentConfig::line).collect(Collectors.joining());
    }

    private static String line(Option option) {
        var names = option.flag().isEmpty() ? option.variable() + "=" + option.value() : option.flag();
        if (!option.flag().isEmpty() && !option.value().isEmpty()) {
            names += " " + option.value();
        }
        var also =
                !option.flag().isEmpty() && !option.variable().isEmpty() ? " (also " + option.variable() + "=1)" : "";
        var fallback = option.fallback().isEmpty() ? "" : " (default " + option.fallback() + ")";
        var commands = option.commands().stream().sorted().collect(Collectors.joining(", "));
        return "  %-26s %s%s%s [%s]%n".formatted(names, option.meaning(), also, fallback, commands);
    }

    private static HookPolicy hookPolicy(String text) {
        return switch (text) {
            case "1" -> HookPolicy.ALLOWED;
            case "0" -> HookPolicy.REFUSED;
            default -> throw new IllegalArgumentException("it must be 1 or 0 but is '" + text + "'");
        };
    }

    /** Collects what is wrong, to say it all at once. */
    private static final class Reader {
        private final String command;
        private final Map<String, String> environment;
        private final Map<String, String> flags = new HashMap<>();
        private final List<String> wrong = new ArrayList<>();

        Reader(String command, List<String> arguments, Map<String, String> environment) {
            this.command = command;
            this.environment = environment;
            readFlags(arguments);
            environment.keySet().stream()
                    .filter(name -> name.startsWith("RESTIC_FLEET_"))
                    .filter(name -> OPTIONS.stream().noneMatch(o -> o.variable().equals(name)))
                    .sorted()
                    .forEach(name -> wrong.add(name + " is not a setting of the agent"));
        }

        private void readFlags(List<String> arguments) {
            for (int i = 0; i < arguments.size(); i++) {
                var parts = arguments.get(i).split("=", 2);
                var option = OPTIONS.stream()
                        .filter(o -> o.flag().equals(parts[0]) && o.commands().contains(command))
                        .findFirst();
                if (option.isEmpty() || parts[0].isEmpty()) {
                    wrong.add("'" + parts[0] + "' is not an option of " + command);
                } else if (option.get().value().isEmpty()) {
                    flags.put(parts[0], parts.length == 2 ? parts[1] : "1");
                } else if (parts.length == 2) {
                    flags.put(parts[0], parts[1]);
                } else if (i + 1 < arguments.size()) {
                    flags.put(parts[0], arguments.get(++i));
                } else {
                    wrong.add(parts[0] + " needs a value: " + option.get().meaning());
                }
            }
        }

        <T> Optional<T> get(Option option, Function<String, T> parse) {
            var text =
                    flags.getOrDefault(option.flag(), environment.getOrDefault(option.variable(), option.fallback()));
            if (text.isBlank()) {
                return Optional.empty();
            }
            try {
                return Optional.of(parse.apply(text));
            } catch (IllegalArgumentException e) {
                wrong.add((option.flag().isEmpty() ? option.variable() : option.flag()) + ": " + e.getMessage());
                return Optional.empty();
            }
        }

        void require(Option option) {
            if (flags.getOrDefault(option.flag(), "").isBlank()) {
                wrong.add(option.flag() + " is missing: " + option.meaning());
            }
        }

        void throwIfWrong() {
            if (!wrong.isEmpty()) {
                throw new IllegalArgumentException(String.join("\n", wrong));
            }
        }
    }
}
