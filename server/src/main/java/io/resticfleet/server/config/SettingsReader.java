package io.resticfleet.server.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/** Reads settings one by one and collects errors, so that the operator sees all of them at once. */
final class SettingsReader {

    private static final String PREFIX = "RESTIC_FLEET_";

    /** Settings of the agent, which may be in the environment on a machine that runs both. */
    private static final Set<String> AGENT_SETTINGS = Set.of(
            "RESTIC_FLEET_RESTIC", "RESTIC_FLEET_ALLOW_HOOKS", "RESTIC_FLEET_ALLOW_UPGRADES", "RESTIC_FLEET_POLICY");

    private final Map<String, String> environment;
    private final Map<String, String> flags;
    private final List<String> errors = new ArrayList<>();

    SettingsReader(Map<String, String> environment, Map<String, String> flags) {
        this.environment = environment;
        this.flags = flags;
        new TreeSet<>(environment.keySet())
                .stream()
                        .filter(name -> name.startsWith(PREFIX) && !AGENT_SETTINGS.contains(name))
                        .filter(name -> ServerConfig.SETTINGS.stream()
                                .noneMatch(setting -> setting.name().equals(name)))
                        .forEach(name -> addError(name + " is not a setting"));
        new TreeSet<>(flags.keySet())
                .stream()
                        .filter(name -> ServerConfig.SETTINGS.stream()
                                .noneMatch(setting -> setting.flag().equals(name)))
                        .forEach(name -> addError(name + " is not a setting"));
    }

    boolean isSet(Setting setting) {
        return text(setting).isPresent();
    }

    /** The setting or its default; empty if invalid, which {@link #throwIfInvalid} reports. */
    <T> Optional<T> get(Setting setting, Function<String, T> parse) {
        return parsed(setting, text(setting).orElse(setting.fallback()), parse);
    }

    /** Empty if not set, or invalid. */
    <T> Optional<T> find(Setting setting, Function<String, T> parse) {
        return text(setting).flatMap(text -> parsed(setting, text, parse));
    }

    /** The settings that are set, by environment variable. */
    Map<String, String> given(Predicate<Setting> wanted) {
        var given = new TreeMap<String, String>();
        ServerConfig.SETTINGS.stream()
                .filter(wanted)
                .forEach(setting -> text(setting).ifPresent(text -> given.put(setting.name(), text)));
        return given;
    }

    void addError(String message) {
        errors.add(message);
    }

    void throwIfInvalid() {
        if (!errors.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", errors));
        }
    }

    private Optional<String> text(Setting setting) {
        var given = flags.containsKey(setting.flag()) ? flags.get(setting.flag()) : environment.get(setting.name());
        return Optional.ofNullable(given).filter(text -> !text.isBlank());
    }

    private <T> Optional<T> parsed(Setting setting, String text, Function<String, T> parse) {
        try {
            return Optional.of(parse.apply(text));
        } catch (IllegalArgumentException e) {
            var name = flags.containsKey(setting.flag()) ? setting.flag() : setting.name();
            addError(name + (setting.isSecret() ? "" : " is '" + text + "'") + ": " + e.getMessage());
            return Optional.empty();
        }
    }
}
