package io.resticfleet.agent.restic;

import io.resticfleet.protocol.Repository;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Removes secrets from text that leaves the agent. Immutable. */
public final class Redactor {

    private static final String MASK = "***";
    private static final Pattern USER_INFO = Pattern.compile("://[^/\\s@]*@");

    private final List<String> secrets;

    private Redactor(List<String> secrets) {
        this.secrets = secrets;
    }

    /** Masks this repository's secrets, and credentials in any URL. */
    public static Redactor of(Optional<Repository> repository) {
        return of(repository.stream().toList());
    }

    /** Masks the secrets of these repositories, and credentials in any URL. */
    public static Redactor of(List<Repository> repositories) {
        var plain = repositories.stream()
                .flatMap(repository -> repository.secrets().stream())
                .filter(secret -> !secret.isBlank())
                .toList();
        return new Redactor(plain.stream()
                .flatMap(secret -> Stream.of(
                        secret,
                        URLEncoder.encode(secret, StandardCharsets.UTF_8).replace("+", "%20")))
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList());
    }

    public String redact(String text) {
        var clean = text;
        for (var secret : secrets) {
            clean = clean.replace(secret, MASK);
        }
        return USER_INFO.matcher(clean).replaceAll("://" + MASK + "@");
    }
}
