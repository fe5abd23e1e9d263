package io.resticfleet.agent.config;

import io.resticfleet.agent.link.Pins;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.restic.ResticProgram;
import io.resticfleet.agent.upgrade.UpgradePolicy;
import io.resticfleet.protocol.HookRule;
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
 * @param pins present for trust; of enroll only if they were given
 */
public record AgentConfig(
        Path stateDir,
        Optional<ServerAddress> server,
        Optional<String> token,
        Optional<Pins> pins,
        PlaintextPolicy plaintext,
        PolicyFile policy,
        UpgradePolicy upgrades,
        ResticProgram restic) {

    private static final Set<String> EVERYWHERE = Set.of("enroll", "run", "doctor", "trust");

    /** One line of {@code --help} and of what is accepted. An empty flag or variable is none. */
    private record Option(
            String flag, String variable, String value, String fallback, Set<String> commands, String meaning) {}

    private static final Option SERVER =
            new Option("--server", "", "URL", "", Set.of("enroll"), "where the restic-fleet server is; required");
    private static final Option TOKEN =
            new Option("--token", "", "T", "", Set.of("enroll"), "the enrolment token the server gave; required");
    private static final Option PIN = new Option(
            "--pin",
            "",
            "SHA256",
            "",
            Set.of("enroll", "trust"),
            "trust a server with this public key and no other; may be given twice, for the key it will have next");
    private static final Option PLAINTEXT = new Option(
            "--allow-plaintext",
            "",
            "",
            "",
            Set.of("enroll"),
            "join over http:// from another machine, where others can read along");
    private static final Option STATE_DIR = new Option(
            "--state-dir", "", "DIR", "/var/lib/restic-fleet-agent", EVERYWHERE, "where the agent keeps what it knows");
    private static final Option HOOKS = new Option(
            "--allow-hooks",
            "RESTIC_FLEET_ALLOW_HOOKS",
            "",
            "0",
            Set.of("run"),
            "1 lets the server's operators run commands here before and after backups, unless the policy says otherwise");
    private static final Option POLICY = new Option(
            "--policy",
            "RESTIC_FLEET_POLICY",
            "FILE",
            PolicyFile.DEFAULT.toString(),
            Set.of("run", "doctor"),
            "what this machine allows its server");
    private static final Option UPGRADES = new Option(
            "--allow-upgrades",
            "RESTIC_FLEET_ALLOW_UPGRADES",
            "",
            "0",
            Set.of("run"),
            "1 lets the server replace this program by a newer one; whoever has the server then is root here");
    private static final Option RESTIC = new Option(
            "", "RESTIC_FLEET_RESTIC", "FILE", "restic", EVERYWHERE, "the restic to use; a name is looked up on PATH");

    private static final List<Option> OPTIONS =
            List.of(SERVER, TOKEN, PIN, PLAINTEXT, STATE_DIR, HOOKS, POLICY, UPGRADES, RESTIC);

    /** @throws IllegalArgumentException listing everything that is wrong, one to a line, fit to show */
    public static AgentConfig read(String command, List<String> arguments, Map<String, String> environment) {
        var reader = new Reader(command, arguments, environment);
        var config = new Object() {
            final Optional<Path> stateDir = reader.get(STATE_DIR, Path::of);
            final Optional<ServerAddress> server = reader.get(SERVER, ServerAddress::new);
            final Optional<String> token = reader.get(TOKEN, text -> text);
            final Optional<Pins> pins = reader.get(PIN, Pins::parse);
            final Optional<String> plaintext = reader.get(PLAINTEXT, text -> text);
            final Optional<HookRule> hooks = reader.get(HOOKS, AgentConfig::hookRule);
            final Optional<Path> policy = reader.get(POLICY, Path::of);
            final Optional<UpgradePolicy> upgrades = reader.get(UPGRADES, AgentConfig::upgradePolicy);
            final Optional<String> restic = reader.get(RESTIC, text -> text);
        };
        if (command.equals("enroll")) {
            reader.require(SERVER);
            reader.require(TOKEN);
            config.server.ifPresent(server -> reader.complainOfPlaintext(server, config.plaintext, config.pins));
        }
        if (command.equals("trust")) {
            reader.require(PIN);
        }
        reader.throwIfWrong();
        var path = environment.getOrDefault("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        return new AgentConfig(
                config.stateDir.orElseThrow(),
                config.server,
                config.token,
                config.pins,
                config.plaintext.isPresent() ? PlaintextPolicy.ALLOWED : PlaintextPolicy.REFUSED,
                new PolicyFile(config.policy.orElse(PolicyFile.DEFAULT), config.hooks.orElse(HookRule.LOCAL_ONLY)),
                config.upgrades.orElse(UpgradePolicy.OFF),
                new ResticProgram(config.restic.orElseThrow(), path));
    }

    public static String help() {
        return """
                The restic-fleet agent: backs this machine up as its server says, and goes on while the server is away.

                Usage: java -jar restic-fleet-agent.jar COMMAND [OPTIONS]

                  enroll    join a server, once
                  run       back up; runs until it is stopped
                  doctor    find out what is wrong
                  trust     trust another key of the server's, after it was lost
                  unit      print the unit for systemd; unit --backup-only: for an agent that can restore nothing
                  version   print the version

                """ + OPTIONS.stream().map(AgentConfig::line).collect(Collectors.joining());
    }

    private static String line(Option option) {
        var names = option.flag().isEmpty() ? option.variable() + "=" + option.value() : option.flag();
        if (!option.flag().isEmpty() && !option.value().isEmpty()) {
            names += " " + option.value();
        }
        var also = !option.flag().isEmpty() && !option.variable().isEmpty()
                ? " (also " + option.variable() + "=" + (option.value().isEmpty() ? "1" : option.value()) + ")"
                : "";
        var fallback = option.fallback().isEmpty() ? "" : " (default " + option.fallback() + ")";
        var commands = option.commands().stream().sorted().collect(Collectors.joining(", "));
        return "  %-26s %s%s%s [%s]%n".formatted(names, option.meaning(), also, fallback, commands);
    }

    private static HookRule hookRule(String text) {
        return switch (text) {
            case "1" -> HookRule.FROM_SERVER;
            case "0" -> HookRule.LOCAL_ONLY;
            default -> throw new IllegalArgumentException("it must be 1 or 0 but is '" + text + "'");
        };
    }

    private static UpgradePolicy upgradePolicy(String text) {
        return switch (text) {
            case "1" -> UpgradePolicy.FROM_SERVER;
            case "0" -> UpgradePolicy.OFF;
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
                    keep(option.get(), parts[1]);
                } else if (i + 1 < arguments.size()) {
                    keep(option.get(), arguments.get(++i));
                } else {
                    wrong.add(parts[0] + " needs a value: " + option.get().meaning());
                }
            }
        }

        private void keep(Option option, String value) {
            flags.merge(option.flag(), value, (one, other) -> option.equals(PIN) ? one + "," + other : other);
        }

        /** Whoever joins unencrypted must want to. */
        void complainOfPlaintext(ServerAddress server, Optional<String> allowed, Optional<Pins> pins) {
            if (pins.isPresent() && server.url().startsWith("http:")) {
                wrong.add("--pin needs an https:// server: without TLS it shows no key");
            }
            if (allowed.isEmpty()) {
                server.warning()
                        .ifPresent(words ->
                                wrong.add(words + "; to join all the same, add --allow-plaintext. Nothing was sent"));
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
