package io.resticfleet.protocol;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The environment variables that a server may set for restic: exact names, by kind of repository. None of them names a
 * file, a program, or an endpoint that hands out credentials, as restic runs as root.
 *
 * @see <a href="https://restic.readthedocs.io/en/stable/040_backup.html#environment-variables">restic: environment</a>
 */
public final class BackendVariables {

    private static final Set<String> PROXIES = Set.of("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY");

    /** What user name and password are called; {@code ""} for a text that is in a file. */
    private static final Map<String, List<String>> PAIRS = Map.of(
            "s3", List.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
            "b2", List.of("B2_ACCOUNT_ID", "B2_ACCOUNT_KEY"),
            "azure", List.of("AZURE_ACCOUNT_NAME", "AZURE_ACCOUNT_KEY"),
            "gs", List.of("GOOGLE_PROJECT_ID", ""),
            "swift", List.of("OS_USERNAME", "OS_PASSWORD"));

    private static final Map<String, Set<String>> OTHERS = Map.of(
            "s3", Set.of("AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"),
            "azure", Set.of("AZURE_ACCOUNT_SAS", "AZURE_ENDPOINT_SUFFIX"),
            "swift",
                    Set.of(
                            "OS_AUTH_URL",
                            "OS_REGION_NAME",
                            "OS_USER_ID",
                            "OS_USER_DOMAIN_ID",
                            "OS_USER_DOMAIN_NAME",
                            "OS_TENANT_ID",
                            "OS_TENANT_NAME",
                            "OS_PROJECT_NAME",
                            "OS_PROJECT_DOMAIN_ID",
                            "OS_PROJECT_DOMAIN_NAME"));

    private static final Set<String> SECRET = Set.of("AWS_SESSION_TOKEN", "AZURE_ACCOUNT_SAS");

    /** Programs of their own do not use restic's HTTP. */
    private static final Set<String> WITHOUT_HTTP = Set.of("local", "sftp");

    private BackendVariables() {}

    /** The names that may be set for a kind of repository, sorted. */
    public static List<String> names(String backend) {
        var names = new TreeSet<>(OTHERS.getOrDefault(backend, Set.of()));
        pair(backend).stream().filter(name -> !name.isEmpty()).forEach(names::add);
        if (!WITHOUT_HTTP.contains(backend)) {
            names.addAll(PROXIES);
        }
        return List.copyOf(names);
    }

    /** Names of the variables with user name and password; empty if the kind has none. */
    static List<String> pair(String backend) {
        return PAIRS.getOrDefault(backend, List.of());
    }

    /** User name and password as variables; those that are absent, or in a file, are left out. */
    static Map<String, String> ofPair(String backend, Optional<String> username, Optional<String> password) {
        var variables = new TreeMap<String, String>();
        var pair = pair(backend);
        if (!pair.isEmpty()) {
            username.ifPresent(text -> variables.put(pair.get(0), text));
            password.filter(text -> !pair.get(1).isEmpty()).ifPresent(text -> variables.put(pair.get(1), text));
        }
        return variables;
    }

    /** Whether the value of a variable other than user name and password must never be shown. */
    static boolean isSecret(String name) {
        return SECRET.contains(name);
    }

    /** The first problem of these variables; empty if they may be set. Never repeats a value. */
    static Optional<Violation> problem(String backend, Map<String, String> variables) {
        var allowed = names(backend);
        return new TreeMap<>(variables)
                .entrySet().stream()
                        .flatMap(one -> problem(backend, allowed, one.getKey(), one.getValue()).stream())
                        .findFirst();
    }

    private static Optional<Violation> problem(String backend, List<String> allowed, String name, String value) {
        var field = "env." + VisibleText.of(Limit.cut(name, 80));
        if (!allowed.contains(name)) {
            return Optional.of(new Violation(
                    field,
                    "env_not_allowed",
                    "the variable " + field.substring(4) + " may not be set for a " + backend + " repository"
                            + (allowed.isEmpty()
                                    ? ", which takes none"
                                    : "; allowed are " + String.join(", ", allowed))));
        }
        if (value.isEmpty() || value.length() > Limit.LINE || value.chars().anyMatch(Character::isISOControl)) {
            return Optional.of(new Violation(
                    field, "invalid_credentials", name + " must be one line of 1 to " + Limit.LINE + " characters"));
        }
        return Optional.empty();
    }
}
