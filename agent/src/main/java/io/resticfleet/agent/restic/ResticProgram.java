package io.resticfleet.agent.restic;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The restic on this machine, looked up at each use, as it may be installed or upgraded at any time.
 *
 * <p>Safe for use by many threads.
 */
public final class ResticProgram {

    private static final int TIMEOUT_SECONDS = 20;

    private final String name;
    private final String searchPath;
    private volatile Optional<Known> known = Optional.empty();
    private Optional<FutureTask<Optional<ResticVersion>>> background = Optional.empty();
    private final Object backgroundLock = new Object();

    private record Known(Path file, FileTime changed, long size, ResticVersion version) {

        boolean isCurrent(Path found) throws IOException {
            return file.equals(found) && changed.equals(Files.getLastModifiedTime(found)) && size == Files.size(found);
        }
    }

    /**
     * @param name a path, or a name to look up
     * @param searchPath directories separated by colons, as in {@code PATH}
     */
    public ResticProgram(String name, String searchPath) {
        this.name = name;
        this.searchPath = searchPath;
    }

    public String searchPath() {
        return searchPath;
    }

    /** @throws ResticMissing if there is no such program */
    public Path locate() throws ResticMissing {
        var candidates = name.contains("/")
                ? List.of(Path.of(name).toAbsolutePath())
                : List.of(searchPath.split(":")).stream()
                        .filter(directory -> !directory.isEmpty())
                        .map(directory -> Path.of(directory, name))
                        .toList();
        return candidates.stream()
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst()
                .orElseThrow(() -> new ResticMissing("restic not found"
                        + (name.contains("/") ? " at " + name : " in PATH " + searchPath)
                        + "; install it or set RESTIC_FLEET_RESTIC"));
    }

    /**
     * Its version, cached until the file changes its path, time or size.
     *
     * @throws ResticMissing if restic is missing, does not answer, or is too old
     */
    public synchronized ResticVersion version() throws ResticMissing {
        var file = locate();
        try {
            if (known.isEmpty() || !known.get().isCurrent(file)) {
                known = Optional.of(new Known(file, Files.getLastModifiedTime(file), Files.size(file), ask(file)));
            }
        } catch (IOException e) {
            throw new ResticMissing("restic at " + file + " cannot be run: " + e.getMessage());
        }
        return known.get().version();
    }

    /** Why it cannot be used; absent if it can. */
    public Optional<String> problem() {
        try {
            version();
            return Optional.empty();
        } catch (ResticMissing e) {
            return Optional.of(e.getMessage());
        }
    }

    /** Its version; absent if it cannot be run. */
    public Optional<ResticVersion> findVersion() {
        try {
            return Optional.of(version());
        } catch (ResticMissing e) {
            return Optional.empty();
        }
    }

    /** Its version; absent also after a timeout. If it is not cached, it runs in the background, one call at a time. */
    public Optional<ResticVersion> findVersion(Duration atMost) {
        try {
            var cached = cached();
            return cached.isPresent() ? cached : inBackground().get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (TimeoutException | ExecutionException e) {
            return Optional.empty();
        }
    }

    private Optional<ResticVersion> cached() {
        try {
            var last = known;
            return last.isPresent() && last.get().isCurrent(locate())
                    ? Optional.of(last.get().version())
                    : Optional.empty();
        } catch (ResticMissing | IOException e) {
            return Optional.empty();
        }
    }

    private FutureTask<Optional<ResticVersion>> inBackground() {
        synchronized (backgroundLock) {
            var task = background.filter(running -> !running.isDone()).orElse(null);
            if (task == null) {
                task = new FutureTask<>(this::findVersion);
                var thread = new Thread(task, "restic-version");
                thread.setDaemon(true);
                thread.start();
                background = Optional.of(task);
            }
            return task;
        }
    }

    private ResticVersion ask(Path file) throws ResticMissing, IOException {
        var builder = new ProcessBuilder(file.toString(), "version").redirectErrorStream(true);
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().clear();
        builder.environment().putAll(Map.of("PATH", searchPath, "HOME", "/nonexistent", "LANG", "C.UTF-8"));
        var process = builder.start();
        try {
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new ResticMissing("restic at " + file + " does not answer");
            }
            var text = new String(process.getInputStream().readNBytes(4096), StandardCharsets.UTF_8);
            var version = ResticVersion.find(text)
                    .orElseThrow(() -> new ResticMissing(file + " does not print restic's version"));
            if (version.compareTo(ResticVersion.OLDEST) < 0) {
                throw new ResticMissing("restic " + version + " at " + file + " is too old; install "
                        + ResticVersion.OLDEST + " or newer");
            }
            return version;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ResticMissing("the agent is stopping");
        } finally {
            process.destroyForcibly();
        }
    }
}
