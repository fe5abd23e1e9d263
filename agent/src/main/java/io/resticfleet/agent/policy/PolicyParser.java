package io.resticfleet.agent.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.LeastKept;
import io.resticfleet.protocol.OnOff;
import io.resticfleet.protocol.PolicyDuration;
import io.resticfleet.protocol.ReadingRules;
import io.resticfleet.protocol.RepositoryRules;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.RetentionRule;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Parses a policy strictly, as an unknown field could be one that forbids something. */
final class PolicyParser {

    /** Class names and settings of the parser, which help no owner of a machine. */
    private static final Pattern JACKSON_DETAILS =
            Pattern.compile(" \\((start marker|bound as|for Object|for Array).*");

    private static final Set<String> FIELDS = Set.of(
            "hooks",
            "hook_directory",
            "restore_roots",
            "restore_in_place",
            "repositories",
            "longest_run",
            "questions",
            "retention",
            "retention_policy",
            "least_kept",
            "prune",
            "insecure_tls",
            "cloud_role",
            "index",
            "download",
            "alert_command",
            "alert_url",
            "alert_after");

    private final JsonNode root;
    private final List<String> wrong = new ArrayList<>();

    private PolicyParser(JsonNode root) {
        this.root = root;
    }

    /**
     * Parses a policy.
     *
     * @param defaults the values of absent fields
     * @throws IllegalArgumentException listing all problems, for the owner
     */
    static HostPolicy parse(String text, HostPolicy defaults) {
        try {
            return new PolicyParser(Json.STRICT.readTree(text)).read(defaults);
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            var message = e.getOriginalMessage().lines().findFirst().orElse("");
            throw new IllegalArgumentException(
                    "it is not JSON: "
                            + JACKSON_DETAILS.matcher(message).replaceFirst("")
                            + (at == null ? "" : " (line " + at.getLineNr() + ")"),
                    e);
        }
    }

    /**
     * The alarm that a policy sets; empty if it sets none.
     *
     * @param text of a policy that can be parsed
     */
    static Optional<OwnersAlarm> alarm(String text) {
        try {
            return new PolicyParser(Json.STRICT.readTree(text)).alarm();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("it is not JSON", e);
        }
    }

    private Optional<OwnersAlarm> alarm() {
        var command = list("alert_command", PolicyParser::argument);
        var url = text("alert_url", PolicyParser::webAddress);
        var after = text("alert_after", PolicyDuration::new);
        if (command.filter(words -> words.isEmpty() || !words.get(0).startsWith("/"))
                .isPresent()) {
            wrong.add("alert_command must begin with the absolute path of a program");
        }
        return command.isEmpty() && url.isEmpty()
                ? Optional.empty()
                : Optional.of(new OwnersAlarm(command.orElse(List.of()), url, after.orElse(OwnersAlarm.DEFAULT_AFTER)));
    }

    private HostPolicy read(HostPolicy defaults) {
        if (!root.isObject()) {
            throw new IllegalArgumentException("it must be one JSON object, such as {\"hooks\": \"off\"}");
        }
        var unknown = new TreeSet<String>();
        root.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(FIELDS);
        unknown.forEach(field -> wrong.add("'" + field + "' is not a field of a policy"));
        var policy = new HostPolicy(
                defaults.file(),
                text("hooks", HookRule::of).orElse(defaults.hooks()),
                text("hook_directory", PolicyParser::absolute).orElse(defaults.hookDirectory()),
                list("restore_roots", PolicyParser::absolute).orElse(defaults.restoreRoots()),
                flag("restore_in_place").orElse(defaults.restoreInPlace()),
                list("repositories", PolicyParser::backend).orElse(defaults.repositories()),
                text("longest_run", PolicyDuration::new).or(defaults::longestRun),
                text("questions", OnOff::of).or(defaults::questions),
                rules(defaults.rules()),
                new ReadingRules(
                        text("index", OnOff::of).or(defaults.reading()::index),
                        text("download", OnOff::of).or(defaults.reading()::download)),
                Optional.empty());
        alarm();
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", wrong));
        }
        return policy;
    }

    private RepositoryRules rules(RepositoryRules defaults) {
        var retention = text("retention", RetentionRule::of).or(defaults::retention);
        var policy = root.has("retention_policy") ? retentionPolicy() : Optional.<RetentionPolicy>empty();
        if (retention.equals(Optional.of(RetentionRule.LOCAL_ONLY)) && !root.has("retention_policy")) {
            wrong.add("retention local-only needs a retention_policy, such as {\"keep_daily\": 7}");
        }
        return new RepositoryRules(
                retention,
                policy,
                root.has("least_kept") ? leastKept() : defaults.leastKept(),
                text("prune", OnOff::of).or(defaults::prune),
                text("insecure_tls", OnOff::of).or(defaults::insecureTls),
                text("cloud_role", OnOff::of).or(defaults::cloudRole));
    }

    private Optional<RetentionPolicy> retentionPolicy() {
        var fields = new TreeSet<>(Set.of("keep_within"));
        RetentionPolicy.NONE.counts().keySet().forEach(name -> fields.add(name.replace('-', '_')));
        var node = object("retention_policy", fields);
        var policy = new RetentionPolicy(
                count("retention_policy", node, "keep_last"),
                count("retention_policy", node, "keep_hourly"),
                count("retention_policy", node, "keep_daily"),
                count("retention_policy", node, "keep_weekly"),
                count("retention_policy", node, "keep_monthly"),
                count("retention_policy", node, "keep_yearly"),
                node.has("keep_within")
                        ? one("retention_policy.keep_within", node.get("keep_within"), Function.identity())
                        : Optional.empty());
        policy.violations().forEach(violation -> wrong.add("retention_policy." + violation.detail()));
        if (policy.isEmpty()) {
            wrong.add("retention_policy keeps nothing, which would delete every snapshot");
        }
        return Optional.of(policy).filter(read -> wrong.isEmpty());
    }

    private Optional<LeastKept> leastKept() {
        var node = object("least_kept", Set.of("count", "age"));
        var age = one("least_kept.age", node.path("age"), PolicyDuration::new);
        int count = count("least_kept", node, "count");
        if (!node.has("count")) {
            wrong.add("least_kept needs a count, such as 3");
        } else if (count > LeastKept.MAX_COUNT) {
            wrong.add("least_kept.count must be at most " + LeastKept.MAX_COUNT + " but is " + count);
        }
        return age.filter(read -> wrong.isEmpty()).map(read -> new LeastKept(count, read));
    }

    /** An object without other fields than these; without any if it is something else. */
    private JsonNode object(String field, Set<String> fields) {
        var node = root.get(field);
        if (!node.isObject()) {
            wrong.add(field + " must be an object in braces");
            return Json.STRICT.createObjectNode();
        }
        var unknown = new TreeSet<String>();
        node.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(fields);
        unknown.forEach(name -> wrong.add("'" + field + "." + name + "' is not a field of a policy"));
        return node;
    }

    /** A number; 0 if it is left out. */
    private int count(String parent, JsonNode node, String name) {
        if (!node.has(name)) {
            return 0;
        }
        if (!node.get(name).isInt() || node.get(name).intValue() < 0) {
            wrong.add(parent + "." + name + " must be a whole number from 0");
            return 0;
        }
        return node.get(name).intValue();
    }

    private <T> Optional<T> text(String field, Function<String, T> parse) {
        return root.has(field) ? one(field, root.get(field), parse) : Optional.empty();
    }

    private <T> Optional<T> one(String name, JsonNode node, Function<String, T> parse) {
        if (!node.isTextual()) {
            wrong.add(name + " must be a string in quotes");
            return Optional.empty();
        }
        try {
            return Optional.of(parse.apply(node.textValue()));
        } catch (IllegalArgumentException e) {
            wrong.add(name + " " + e.getMessage());
            return Optional.empty();
        }
    }

    private Optional<List<String>> list(String field, Function<String, String> parse) {
        if (!root.has(field)) {
            return Optional.empty();
        }
        if (!root.get(field).isArray()) {
            wrong.add(field + " must be a list in brackets");
            return Optional.empty();
        }
        var items = new ArrayList<String>();
        for (var node : root.get(field)) {
            one(field + "[" + items.size() + "]", node, parse).ifPresent(items::add);
        }
        return Optional.of(items);
    }

    private Optional<Boolean> flag(String field) {
        if (!root.has(field)) {
            return Optional.empty();
        }
        if (!root.get(field).isBoolean()) {
            wrong.add(field + " must be true or false");
            return Optional.empty();
        }
        return Optional.of(root.get(field).booleanValue());
    }

    private static String absolute(String text) {
        if (!text.startsWith("/") || text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("must be an absolute path, starting with /, but is '" + text + "'");
        }
        return Path.of(text).normalize().toString();
    }

    private static String argument(String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("must be text on one line");
        }
        return text;
    }

    private static URI webAddress(String text) {
        try {
            var url = new URI(text);
            if (url.getHost() != null && Set.of("http", "https").contains(String.valueOf(url.getScheme()))) {
                return url;
            }
        } catch (URISyntaxException e) {
            // its message would show the address, which may be secret, to the server
        }
        throw new IllegalArgumentException("must be an address that begins with https:// or http://");
    }

    private static String backend(String text) {
        if (!RepositoryUrl.BACKENDS.contains(text)) {
            throw new IllegalArgumentException(
                    "must be one of " + String.join(", ", RepositoryUrl.BACKENDS) + " but is '" + text + "'");
        }
        return text;
    }
}
