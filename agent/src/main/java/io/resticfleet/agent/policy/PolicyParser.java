package io.resticfleet.agent.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.QuestionRule;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.RunLimit;
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
            "hooks", "hook_directory", "restore_roots", "restore_in_place", "repositories", "longest_run", "questions");

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
                text("longest_run", RunLimit::new).or(defaults::longestRun),
                text("questions", QuestionRule::of).or(defaults::questions),
                Optional.empty());
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", wrong));
        }
        return policy;
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

    private static String backend(String text) {
        if (!RepositoryUrl.BACKENDS.contains(text)) {
            throw new IllegalArgumentException(
                    "must be one of " + String.join(", ", RepositoryUrl.BACKENDS) + " but is '" + text + "'");
        }
        return text;
    }
}
