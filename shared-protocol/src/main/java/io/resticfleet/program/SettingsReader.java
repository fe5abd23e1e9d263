package io.resticfleet.program;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Reads settings one by one, from flags or else the environment; blank counts as absent. Collects errors, including unknown
 * names, so that the operator sees all of them at once.
 */
public final class SettingsReader {

    private static final String PREFIX = "RESTIC_FLEET_";

    /** Names with more typing errors than this are not suggested. */
    private static final int MAX_TYPOS = 2;

    private final List<Setting> settings;
    private final Map<String, String> environment;
    private final Map<String, String> flags;
    private final List<String> errors = new ArrayList<>();

    /**
     * @param environment the whole environment; names that do not start with {@code RESTIC_FLEET_} are ignored
     * @param flags by name, such as {@code --listen}
     * @param foreign environment variables of the other program, which are ignored
     */
    public SettingsReader(
            List<Setting> settings, Map<String, String> environment, Map<String, String> flags, Set<String> foreign) {
        this.settings = settings;
        this.environment = environment;
        this.flags = flags;
        var variables = new TreeSet<>(environment.keySet());
        variables.removeIf(name -> !name.startsWith(PREFIX) || foreign.contains(name));
        refuseUnknown(variables, Setting::name);
        refuseUnknown(new TreeSet<>(flags.keySet()), Setting::flag);
    }

    public boolean isSet(Setting setting) {
        return text(setting).isPresent();
    }

    /** The setting or its default; empty if invalid, which {@link #throwIfInvalid} reports. */
    public <T> Optional<T> get(Setting setting, Function<String, T> parse) {
        return parsed(setting, text(setting).orElse(setting.fallback()), parse);
    }

    /** Empty if not set, or invalid. */
    public <T> Optional<T> find(Setting setting, Function<String, T> parse) {
        return text(setting).flatMap(text -> parsed(setting, text, parse));
    }

    public void require(Setting setting) {
        if (!isSet(setting)) {
            addError(setting.flag() + " is missing: " + setting.meaning());
        }
    }

    /** The settings that are set, by environment variable. */
    public Map<String, String> given(Predicate<Setting> wanted) {
        var given = new TreeMap<String, String>();
        settings.stream()
                .filter(wanted)
                .forEach(setting -> text(setting).ifPresent(text -> given.put(setting.name(), text)));
        return given;
    }

    public void addError(String message) {
        errors.add(message);
    }

    /** @throws IllegalArgumentException listing all errors, one per line, for the operator */
    public void throwIfInvalid() {
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

    private void refuseUnknown(Collection<String> given, Function<Setting, String> name) {
        var known = settings.stream().map(name).filter(text -> !text.isEmpty()).toList();
        given.stream()
                .filter(text -> !known.contains(text))
                .forEach(text -> addError(text + " is not a setting"
                        + nearest(text, known)
                                .map(meant -> "; did you mean " + meant + "?")
                                .orElse("")));
    }

    private static Optional<String> nearest(String text, List<String> known) {
        return known.stream()
                .filter(name -> typos(text, name) <= MAX_TYPOS)
                .min(Comparator.comparingInt(name -> typos(text, name)));
    }

    /** Number of characters to insert, drop or change: the <a href="https://en.wikipedia.org/wiki/Levenshtein_distance">distance</a>. */
    private static int typos(String typed, String meant) {
        var row = new int[meant.length() + 1];
        for (int i = 0; i <= meant.length(); i++) {
            row[i] = i;
        }
        for (int i = 1; i <= typed.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= meant.length(); j++) {
                int changed = diagonal + (typed.charAt(i - 1) == meant.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[meant.length()];
    }
}
