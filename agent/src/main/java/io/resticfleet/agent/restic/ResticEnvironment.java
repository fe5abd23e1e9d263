package io.resticfleet.agent.restic;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The environment restic gets. Nothing is inherited: a {@code RESTIC_PASSWORD} of the service would take precedence over
 * the configured one. Secrets are not arguments, which every user of the machine could read.
 *
 * @see <a href="https://restic.readthedocs.io/en/stable/040_backup.html#environment-variables">restic: environment</a>
 */
public final class ResticEnvironment {

    /** Upper bound of restic's temporary data: several packs of 16 MiB at once. */
    private static final long PACKS_BYTES = 256L * 1024 * 1024;

    private final StateDirectory state;
    private final String searchPath;
    private final ResticCache cache;

    public ResticEnvironment(StateDirectory state, String searchPath) {
        this.state = state;
        this.searchPath = searchPath;
        this.cache = new ResticCache(state);
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

    /** For restic on this repository; its secrets are in files that only root can read. */
    public Map<String, String> of(Repository repository) {
        var directory = state.directory("restic");
        var environment = plain();
        environment.put("RESTIC_CACHE_DIR", cache.directory().toString()); // fatal if missing since 0.19
        environment.put("RESTIC_PROGRESS_FPS", "1"); // else up to 60 status lines a second
        environment.put(
                "RESTIC_REPOSITORY_FILE",
                secret(
                        directory.resolve("repository"),
                        repository.url().withCredentials(repository.username(), repository.password())));
        environment.put("RESTIC_PASSWORD_FILE", secret(directory.resolve("password"), repository.repoPassword()));
        var keys = repository.url().credentialsFile(repository.username(), repository.password());
        environment.putAll(
                keys.isPresent()
                        ? Map.of("AWS_SHARED_CREDENTIALS_FILE", secret(directory.resolve("s3-credentials"), keys.get()))
                        : repository.url().environment(repository.username(), repository.password()));
        return environment;
    }

    /** For restic on this repository, with a second one from which something is copied; {@link TwoRepositories}. */
    public Map<String, String> of(Repository repository, Repository from) {
        var directory = state.directory("restic-from");
        var environment = of(repository);
        environment.put(
                "RESTIC_FROM_REPOSITORY_FILE",
                secret(directory.resolve("repository"), from.url().withCredentials(from.username(), from.password())));
        environment.put("RESTIC_FROM_PASSWORD_FILE", secret(directory.resolve("password"), from.repoPassword()));
        if (!from.url().backend().equals(repository.url().backend())) {
            from.variables().forEach(environment::putIfAbsent);
        }
        return environment;
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
