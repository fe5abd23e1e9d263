package io.resticfleet.agent.restic;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The environment restic gets. Nothing is inherited: a {@code RESTIC_PASSWORD} of the service would take precedence over
 * the configured one. Secrets are not arguments, which every user of the machine could read.
 *
 * @see <a href="https://restic.readthedocs.io/en/stable/040_backup.html#environment-variables">restic: environment</a>
 */
public final class ResticEnvironment {

    /** Upper bound of restic's temporary data: several packs of 16 MiB at once. */
    private static final long PACKS_BYTES = 256L * 1024 * 1024;

    private static final Predicate<String> SAFE_IN_FILE =
            Pattern.compile("[A-Za-z0-9/+=._-]+").asMatchPredicate();

    /** Directory of what exists only while a job has the maintainer's credentials. */
    private static final String GRANTED = "granted";

    private final StateDirectory state;
    private final String searchPath;
    private final String directory;
    private final ResticCache cache;
    private volatile Optional<Repository> granted = Optional.empty();
    private final SshSetup ssh;

    /** For jobs. */
    public ResticEnvironment(StateDirectory state, String searchPath) {
        this(state, searchPath, "restic");
    }

    private ResticEnvironment(StateDirectory state, String searchPath, String directory) {
        this.directory = directory;
        this.state = state;
        this.searchPath = searchPath;
        this.cache = new ResticCache(state);
        this.ssh = new SshSetup(state, searchPath);
    }

    /** For restics that run beside the jobs, and have their files elsewhere. */
    public ResticEnvironment aside() {
        return new ResticEnvironment(state, searchPath, directory + "-aside");
    }

    /**
     * As {@link #aside()}, for one more restic at the same time.
     *
     * @param name of its directory
     */
    public ResticEnvironment aside(String name) {
        return new ResticEnvironment(state, searchPath, directory + "-aside-" + name);
    }

    /** How ssh opens sftp repositories. */
    public SshSetup ssh() {
        return ssh;
    }

    /** restic's cache of its repositories. */
    public ResticCache cache() {
        return cache;
    }

    /** For programs that need no repository. */
    public Map<String, String> plain() {
        var environment = new LinkedHashMap<String, String>();
        environment.put("PATH", searchPath);
        environment.put("HOME", state.directory("home").toString());
        environment.put("LANG", "C.UTF-8");
        environment.put("TZ", "UTC"); // restic prints lock times in local time, without the zone
        environment.put("TMPDIR", state.roomyDirectory("tmp", PACKS_BYTES).toString()); // must exist
        return environment;
    }

    /**
     * For restic on this repository; its secrets are in files that only root can read, those of a granted one in variables,
     * which only root and the agent's user can read.
     */
    public Map<String, String> of(Repository repository) {
        return granted.filter(repository::equals).isPresent() ? inMemory(repository) : inFiles(repository);
    }

    /** The server has granted a job this repository, with the maintainer's credentials: nothing of it is stored. */
    public void grant(Repository repository) {
        granted = Optional.of(repository);
    }

    /** The job has ended that the maintainer's credentials were granted to. */
    public void revoke() {
        granted = Optional.empty();
        state.deleteTree(state.root().resolve(GRANTED));
    }

    /**
     * The password of a granted repository in a file, as restic reads that of a new key from nothing else.
     *
     * @see <a href="https://restic.readthedocs.io/en/stable/070_encryption.html">restic: manage repository keys</a>
     */
    public Path newPassword(Repository repository) {
        var file = newPasswordFile();
        state.directory(GRANTED);
        secret(file, repository.repoPassword());
        return file;
    }

    /** Removes the file of {@link #newPassword}. */
    public void removeNewPassword() {
        state.delete(newPasswordFile());
    }

    private Path newPasswordFile() {
        return state.root().resolve(GRANTED).resolve("new-password");
    }

    private Map<String, String> inMemory(Repository repository) {
        var environment = plain();
        environment.put("RESTIC_CACHE_DIR", cache.directory().toString());
        environment.put("RESTIC_PROGRESS_FPS", "1");
        environment.put(
                "RESTIC_REPOSITORY", repository.url().withCredentials(repository.username(), repository.password()));
        environment.put("RESTIC_PASSWORD", repository.repoPassword());
        environment.putAll(repository.variables());
        if (repository.url().backend().equals("gs")) { // takes a file only; it is removed when the job ends
            repository
                    .password()
                    .ifPresent(text -> environment.put(
                            "GOOGLE_APPLICATION_CREDENTIALS",
                            secret(state.directory(GRANTED).resolve("google-credentials"), text)));
        }
        return environment;
    }

    private Map<String, String> inFiles(Repository repository) {
        var files = state.directory(directory);
        var environment = plain();
        environment.put("RESTIC_CACHE_DIR", cache.directory().toString()); // fatal if missing since 0.19
        environment.put("RESTIC_PROGRESS_FPS", "1"); // else up to 60 status lines a second
        environment.put(
                "RESTIC_REPOSITORY_FILE",
                secret(
                        files.resolve("repository"),
                        repository.url().withCredentials(repository.username(), repository.password())));
        environment.put("RESTIC_PASSWORD_FILE", secret(files.resolve("password"), repository.repoPassword()));
        environment.putAll(credentials(repository, files));
        return environment;
    }

    private Map<String, String> credentials(Repository repository, Path directory) {
        var variables = new LinkedHashMap<>(repository.variables());
        s3Credentials(repository).ifPresent(text -> {
            List.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
                    .forEach(variables::remove);
            variables.put("AWS_SHARED_CREDENTIALS_FILE", secret(directory.resolve("s3-credentials"), text));
        });
        if (repository.url().backend().equals("gs")) {
            repository
                    .password()
                    .ifPresent(text -> variables.put(
                            "GOOGLE_APPLICATION_CREDENTIALS", secret(directory.resolve("google-credentials"), text)));
        }
        return variables;
    }

    /** For restic on this repository, with a second one from which something is copied; {@link TwoRepositories}. */
    public Map<String, String> of(Repository repository, Repository from) {
        var files = state.directory(directory + "-from");
        var environment = of(repository);
        environment.put(
                "RESTIC_FROM_REPOSITORY_FILE",
                secret(files.resolve("repository"), from.url().withCredentials(from.username(), from.password())));
        environment.put("RESTIC_FROM_PASSWORD_FILE", secret(files.resolve("password"), from.repoPassword()));
        if (!from.url().backend().equals(repository.url().backend())) {
            credentials(from, files).forEach(environment::putIfAbsent);
        }
        return environment;
    }

    /** As {@link #commandLine(Path, ResticCommand, Repository, Optional)}, with one repository. */
    public List<String> commandLine(Path program, ResticCommand command, Repository repository) {
        return commandLine(program, command, repository, Optional.empty());
    }

    /**
     * The command line that runs restic on this repository; it contains no secret.
     *
     * @param from the one from which something is copied; not in {@link TwoRepositories#conflict} with the other
     */
    public List<String> commandLine(
            Path program, ResticCommand command, Repository repository, Optional<Repository> from) {
        var line = new ArrayList<>(List.of(program.toString()));
        repository.tls().or(() -> from.flatMap(Repository::tls)).ifPresent(tls -> {
            tls.caPem()
                    .ifPresent(pem -> line.add(
                            "--cacert=" + secret(state.directory(directory).resolve("ca.pem"), pem)));
            if (tls.insecure()) {
                line.add("--insecure-tls");
            }
        });
        var servers = Stream.concat(Stream.of(repository), from.stream())
                .filter(one -> one.url().sshServer().isPresent())
                .toList();
        if (servers.stream().map(one -> one.url().sshServer()).distinct().count() == 1) {
            ssh.command(servers.get(0)).ifPresent(sftp -> line.add("--option=" + csv("sftp.command=" + sftp)));
        }
        line.addAll(command.arguments());
        return line;
    }

    /** One value of restic's {@code --option}, which takes several, separated by commas. */
    private static String csv(String value) {
        return value.contains(",") || value.contains("\"") ? "\"" + value.replace("\"", "\"\"") + "\"" : value;
    }

    /**
     * Credentials of S3 as a file that restic reads; absent for other kinds, and if one of them has characters with a
     * meaning in such a file.
     *
     * @see <a href="https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html">AWS: credentials file</a>
     */
    private static Optional<String> s3Credentials(Repository repository) {
        var token = Optional.ofNullable(repository.env().get("AWS_SESSION_TOKEN"));
        boolean usable = repository.url().backend().equals("s3")
                && Stream.of(repository.username(), repository.password())
                        .allMatch(text -> text.filter(SAFE_IN_FILE).isPresent())
                && token.map(SAFE_IN_FILE::test).orElse(true);
        return usable
                ? Optional.of("[default]\naws_access_key_id = "
                        + repository.username().orElseThrow()
                        + "\naws_secret_access_key = " + repository.password().orElseThrow() + "\n"
                        + token.map(text -> "aws_session_token = " + text + "\n")
                                .orElse(""))
                : Optional.empty();
    }

    private String secret(Path file, String value) {
        var content = value.getBytes(StandardCharsets.UTF_8);
        try {
            if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), content)) {
                state.write(file, content);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        return file.toString();
    }
}
