package io.resticfleet.agent.config;

import io.resticfleet.agent.link.Pins;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.restic.ResticProgram;
import io.resticfleet.agent.upgrade.UpgradePolicy;
import io.resticfleet.program.Setting;
import io.resticfleet.program.Setting.Form;
import io.resticfleet.program.SettingsReader;
import io.resticfleet.protocol.HookRule;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All settings, read once at start.
 *
 * @param server present for enroll
 * @param token present for enroll; never displayed
 * @param pins present for trust; optional for enroll
 * @param ownersPolicy file that enroll copies to where the policy is; absent if there is none
 */
public record AgentConfig(
        Path stateDir,
        Optional<ServerAddress> server,
        Optional<String> token,
        Optional<Pins> pins,
        PlaintextPolicy plaintext,
        PolicyFile policy,
        Optional<Path> ownersPolicy,
        UpgradePolicy upgrades,
        ResticProgram restic) {

    private static final Set<String> EVERYWHERE = Set.of("enroll", "run", "doctor", "trust", "approve");

    private static final Setting SERVER = new Setting(
            "", "--server", Form.VALUE, "URL", "", Set.of("enroll"), "URL of the restic-fleet server; required");
    private static final Setting TOKEN = new Setting(
            "",
            "--token",
            Form.VALUE,
            "T",
            "",
            Set.of("enroll"),
            "enrolment token from the server, or - to read it from standard input; required");
    private static final Setting PIN = new Setting(
            "",
            "--pin",
            Form.LIST,
            "SHA256",
            "",
            Set.of("enroll", "trust"),
            "trust only a server with this public key; may be given twice, for its next key too");
    private static final Setting PLAINTEXT = new Setting(
            "",
            "--allow-plaintext",
            Form.SWITCH,
            "",
            "",
            Set.of("enroll"),
            "enrol with a server on another machine over http://, unencrypted");
    private static final Setting STATE_DIR = new Setting(
            "",
            "--state-dir",
            Form.VALUE,
            "DIR",
            "/var/lib/restic-fleet-agent",
            EVERYWHERE,
            "state directory of the agent");
    private static final Setting HOOKS = new Setting(
            "RESTIC_FLEET_ALLOW_HOOKS",
            "--allow-hooks",
            Form.SWITCH,
            "",
            "0",
            Set.of("run"),
            "1 lets the server's operators run commands here before and after backups, unless the policy forbids it");
    private static final Setting POLICY = new Setting(
            "RESTIC_FLEET_POLICY",
            "--policy",
            Form.VALUE,
            "FILE",
            PolicyFile.DEFAULT.toString(),
            Set.of("enroll", "run", "doctor"),
            "policy file: what the server may do on this machine; enroll copies it to where the variable says, or the default");
    private static final Setting UPGRADES = new Setting(
            "RESTIC_FLEET_ALLOW_UPGRADES",
            "--allow-upgrades",
            Form.SWITCH,
            "",
            "0",
            Set.of("run"),
            "1 lets the server replace this program by a newer one; anyone who controls the server then is root here");
    public static final Setting BACKUP_ONLY = new Setting(
            "", "--backup-only", Form.SWITCH, "", "", Set.of("unit"), "the unit of an agent that cannot restore");
    private static final Setting RESTIC = new Setting(
            "RESTIC_FLEET_RESTIC",
            "",
            Form.VALUE,
            "FILE",
            "restic",
            EVERYWHERE,
            "the restic to use; a name is looked up on PATH");

    /** In the order in which {@code --help} lists them. */
    public static final List<Setting> SETTINGS =
            List.of(SERVER, TOKEN, PIN, PLAINTEXT, STATE_DIR, HOOKS, POLICY, UPGRADES, BACKUP_ONLY, RESTIC);

    /**
     * Reads settings from flags or else the environment; blank counts as absent.
     *
     * @param command its name; determines which settings are required
     * @throws IllegalArgumentException listing all errors, one per line, for the user
     */
    public static AgentConfig read(String command, Map<String, String> flags, Map<String, String> environment) {
        var reader = new SettingsReader(SETTINGS, environment, flags, Set.of());
        var stateDir = reader.get(STATE_DIR, Path::of);
        var server = reader.find(SERVER, ServerAddress::new);
        var token = reader.find(TOKEN, text -> text);
        var pins = reader.find(PIN, Pins::parse);
        var plaintext = reader.isSet(PLAINTEXT) ? PlaintextPolicy.ALLOWED : PlaintextPolicy.REFUSED;
        var hooks = reader.get(HOOKS, text -> isOn(text) ? HookRule.FROM_SERVER : HookRule.LOCAL_ONLY);
        var policy = reader.get(POLICY, Path::of);
        var ownersPolicy = Optional.<Path>empty();
        var upgrades = reader.get(UPGRADES, text -> isOn(text) ? UpgradePolicy.FROM_SERVER : UpgradePolicy.OFF);
        var restic = reader.get(RESTIC, text -> text);
        if (command.equals("enroll")) {
            ownersPolicy = policy.filter(given -> flags.containsKey(POLICY.flag()));
            policy = new SettingsReader(List.of(POLICY), policyVariable(environment), Map.of(), Set.of())
                    .get(POLICY, Path::of);
            reader.require(SERVER);
            reader.require(TOKEN);
            server.flatMap(address -> refusal(address, plaintext, pins)).ifPresent(reader::addError);
        }
        if (command.equals("trust")) {
            reader.require(PIN);
        }
        reader.throwIfInvalid();
        var path = environment.getOrDefault("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        return new AgentConfig(
                stateDir.get(),
                server,
                token,
                pins,
                plaintext,
                new PolicyFile(policy.get(), hooks.get()),
                ownersPolicy,
                upgrades.get(),
                new ResticProgram(restic.get(), path));
    }

    private static Map<String, String> policyVariable(Map<String, String> environment) {
        return Optional.ofNullable(environment.get(POLICY.name()))
                .map(file -> Map.of(POLICY.name(), file))
                .orElse(Map.of());
    }

    /** The settings part of {@code --help}. */
    public static String help() {
        return SETTINGS.stream().map(AgentConfig::line).collect(Collectors.joining());
    }

    private static String line(Setting setting) {
        var names = setting.flag().isEmpty() ? setting.name() + "=" + setting.value() : setting.flag();
        if (!setting.flag().isEmpty() && !setting.value().isEmpty()) {
            names += " " + setting.value();
        }
        var also = !setting.flag().isEmpty() && !setting.name().isEmpty()
                ? " (also " + setting.name() + "=" + (setting.value().isEmpty() ? "1" : setting.value()) + ")"
                : "";
        var fallback = setting.fallback().isEmpty() ? "" : " (default " + setting.fallback() + ")";
        var commands = setting.commands().stream().sorted().collect(Collectors.joining(", "));
        return "  %-26s %s%s%s [%s]%n".formatted(names, setting.meaning(), also, fallback, commands);
    }

    private static boolean isOn(String text) {
        return switch (text) {
            case "1" -> true;
            case "0" -> false;
            default -> throw new IllegalArgumentException("it must be 1 or 0");
        };
    }

    /** Why enrolment is refused; without encryption it needs the owner's consent. */
    private static Optional<String> refusal(ServerAddress server, PlaintextPolicy plaintext, Optional<Pins> pins) {
        if (pins.isPresent() && server.url().startsWith("http:")) {
            return Optional.of("--pin needs an https:// server: without TLS it has no key");
        }
        return plaintext == PlaintextPolicy.ALLOWED
                ? Optional.empty()
                : server.warning()
                        .map(warning -> warning + "; to enrol anyway, add --allow-plaintext. Nothing was sent");
    }
}
