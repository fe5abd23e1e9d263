package io.resticfleet.server.page.repository;

import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.SshHostKey;
import io.resticfleet.server.repository.RepositoryBody;
import io.resticfleet.server.repository.RepositoryRequest;
import io.resticfleet.server.web.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The input of the form of a repository: text, valid or not, so that nothing is lost when it is rejected.
 *
 * @param fields by name; secrets are never written into a page
 */
public record RepositoryForm(RepositoryKind kind, Map<String, String> fields) {

    private static final String REPO_PASSWORD = "repo_password";

    /** An empty form. */
    public static RepositoryForm empty(RepositoryKind kind) {
        return new RepositoryForm(kind, Map.of());
    }

    /** The form of a repository, without its secrets. */
    public static RepositoryForm of(Repository stored) {
        var form = of(stored.url().value());
        var fields = new LinkedHashMap<>(form.fields);
        fields.put("username", stored.username().orElse(""));
        form.kind
                .fields()
                .filter(field -> !field.type().isSecret() && stored.env().containsKey(field.name()))
                .forEach(field -> fields.put(field.name(), stored.env().get(field.name())));
        stored.tls().ifPresent(tls -> {
            fields.put("ca_pem", tls.caPem().orElse(""));
            fields.put("insecure", tls.insecure() ? "on" : "");
        });
        return new RepositoryForm(form.kind, fields);
    }

    /** The form of a repository of which nothing but its URL is known. */
    public static RepositoryForm of(String url) {
        var kind = RepositoryKind.of(url);
        var parts = kind.parts(url);
        var fields = new LinkedHashMap<String, String>();
        for (int i = 0; i < parts.size(); i++) {
            fields.put(kind.location().get(i).name(), parts.get(i));
        }
        return new RepositoryForm(kind, fields);
    }

    /**
     * Reads a request: the kind, and only its fields.
     *
     * @param field a field of the request; the empty text if it was not sent
     * @throws Problem 400 {@code invalid_kind}
     */
    public static RepositoryForm typed(UnaryOperator<String> field) {
        var kind = RepositoryKind.find(field.apply("kind"))
                .orElseThrow(() -> Problem.invalid("invalid_kind", "choose the kind of repository"));
        var fields = new LinkedHashMap<String, String>();
        kind.fields().map(KindField::name).forEach(name -> fields.put(name, field.apply(name)));
        fields.put(REPO_PASSWORD, field.apply(REPO_PASSWORD));
        return new RepositoryForm(kind, fields);
    }

    /** This input for a repository at a URL that is not entered. */
    public RepositoryForm at(String url) {
        var changed = new LinkedHashMap<>(fields);
        changed.putAll(of(url).fields);
        return new RepositoryForm(kind, changed);
    }

    /** The value of a field that may be shown; the empty text for others. */
    public String get(KindField field) {
        return field.type().isSecret() ? "" : raw(field.name());
    }

    /** The URL in restic's notation. */
    public String url() {
        return kind.url(
                kind.location().stream().map(field -> raw(field.name()).strip()).toList());
    }

    /**
     * The repository that was entered. What is secret and was left empty is as it is stored, but not at another URL or with
     * another user name: it would be sent to a server that it is not meant for.
     *
     * @param stored absent for a new one
     */
    public RepositoryBody body(Optional<Repository> stored) {
        var same = stored.filter(this::opens);
        return new RepositoryBody(
                url(),
                Optional.empty(),
                Optional.empty(),
                nonEmpty(raw(REPO_PASSWORD)),
                credentials(same),
                tls(),
                same.map(present ->
                        present.sshHostKeys().stream().map(SshHostKey::line).toList()));
    }

    /** The same as {@link #body}, as a change of a repository, or as a new one. */
    public RepositoryRequest request(Optional<String> name, Optional<Repository> stored) {
        var body = body(stored);
        return new RepositoryRequest(
                name,
                Optional.of(body.url()),
                body.credentials(),
                body.repoPassword(),
                body.tls(),
                body.sshHostKeys(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private boolean opens(Repository stored) {
        return url().equals(stored.url().value())
                && raw("username").strip().equals(stored.username().orElse(""));
    }

    /**
     * The credentials that were entered; absent if there are none.
     *
     * @param same those that are stored, of which what was left empty is kept; secret variables go with the password
     */
    private Optional<RepositoryBody.Credentials> credentials(Optional<Repository> same) {
        var typed = nonEmpty(raw("password"));
        var kept = same.filter(present -> typed.isEmpty());
        var env = kind.fields()
                .filter(KindField::isVariable)
                .flatMap(field -> nonEmpty(raw(field.name()).strip())
                        .or(() -> kept.filter(present -> field.type().isSecret())
                                .flatMap(present ->
                                        Optional.ofNullable(present.env().get(field.name()))))
                        .map(value -> Map.entry(field.name(), value))
                        .stream())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        var credentials = new RepositoryBody.Credentials(
                nonEmpty(raw("username").strip()),
                typed.or(() -> kept.flatMap(Repository::password)),
                Optional.of(env));
        boolean none =
                credentials.username().isEmpty() && credentials.password().isEmpty() && env.isEmpty();
        return none && same.isEmpty() ? Optional.empty() : Optional.of(credentials);
    }

    private Optional<RepositoryBody.Tls> tls() {
        return kind.fields().anyMatch(field -> field.name().equals("ca_pem"))
                ? Optional.of(new RepositoryBody.Tls(
                        nonEmpty(raw("ca_pem").strip()),
                        Optional.of(!raw("insecure").isEmpty())))
                : Optional.empty();
    }

    /** Error messages by form field; {@code form} if the problem is about none that this kind has. */
    public Map<String, String> wrong(Problem problem) {
        var wrong = new LinkedHashMap<String, String>();
        problem.errors()
                .forEach(error ->
                        wrong.merge(field(error.field()), error.detail(), (first, second) -> first + "; " + second));
        return wrong.isEmpty() ? Map.of("form", problem.getMessage()) : wrong;
    }

    private String field(String path) {
        var name = path.replaceFirst("^(repository|maintainer)\\.", "")
                .replaceFirst("^credentials\\.", "")
                .replaceFirst("^env\\.", "")
                .replaceFirst("\\[\\d+]$", "")
                .replaceFirst("^tls$", "ca_pem")
                .replaceFirst("^credentials$", "password");
        boolean repositoryField =
                List.of("username", "password", "ca_pem", "ssh_host_keys").contains(name);
        return repositoryField && kind.fields().noneMatch(field -> field.name().equals(name)) ? "form" : name;
    }

    private String raw(String name) {
        return fields.getOrDefault(name, "");
    }

    /** Whether neither location nor password were entered. */
    boolean isEmpty() {
        return url().isEmpty() && raw("password").isEmpty();
    }

    private static Optional<String> nonEmpty(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    @Override
    public String toString() {
        return "RepositoryForm[" + kind + ", fields masked]";
    }
}
