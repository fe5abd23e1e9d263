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

/** Reads settings one by one and collects what is wrong, so that the operator hears of all at once. */
final class SettingsReader {

    private static final String PREFIX = "RESTIC_FLEET_";

    /** The agent's: on a machine that runs both, they may well be set for both. */
    private static final Set<String> NOT_OURS = Set.of(
            "RESTIC_FLEET_RESTIC", "RESTIC_FLEET_ALLOW_HOOKS", "RESTIC_FLEET_ALLOW_UPGRADES", "RESTIC_FLEET_POLICY");

    private final Map<String, String> environment;
    private final Map<String, String> flags;
    private final List<String> wrong = new ArrayList<>();

    SettingsReader(Map<String, String> environment, Map<String, String> flags) {
        this.environment = environment;
        this.flags = flags;
        new TreeSet<>(environment.keySet())
                .stream()
                        .filter(name -> name.startsWith(PREFIX) && !NOT_OURS.contains(name))
                        .filter(name -> ServerConfig.SETTINGS.stream()
                                .noneMatch(setting -> setting.name().equals(name)))
                        .forEach(name -> complain(name + " is not a setting"));
        new TreeSet<>(flags.keySet())
                .stream()
                        .filter(name -> ServerConfig.SETTINGS.stream()
                                .noneMatch(setting -> setting.flag().equals(name)))
                        .forEach(name -> complain(name + " is not a setting"));
    }

    boolean isSet(Setting setting) {
        return text(setting).isPresent();
    }

    /** Empty if it is wrong, of which {@link #throwIfWrong} will speak. */
    <T> Optional<T> get(Setting setting, Function<String, T> parse) {
        return parsed(setting, text(setting).orElse(setting.fallback()), parse);
    }

    /** Empty if it is not set, or wrong. */
    <T> Optional<T> find(Setting setting, Function<String, T> parse) {
        return text(setting).flatMap(text -> parsed(setting, text, parse));
    }

    /** What is set and passes, by environment variable. */
    Map<String, String> given(Predicate<Setting> wanted) {
        var given = new TreeMap<String, String>();
        ServerConfig.SETTINGS.stream()
                .filter(wanted)
                .forEach(setting -> text(setting).ifPresent(text -> given.put(setting.name(), text)));
        return given;
    }

    void complain(String words) {
        wrong.add(words);
    }

    void throwIfWrong() {
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", wrong));
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
            complain(name + (setting.isSecret() ? "" : " is '" + text + "'") + ": " + e.getMessage());
            return Optional.empty();
        }
    }
}
