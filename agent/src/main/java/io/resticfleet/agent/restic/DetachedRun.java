package io.resticfleet.agent.restic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * A program that goes on when the agent ends, and whose end is known even if the agent was not there to see it.
 *
 * <p>It has a session of its own, writes to files in its directory, and a wrapper puts its exit code beside them. Not safe
 * for use by more than one thread, but for {@link #signal}.
 */
public class DetachedRun {

    /** Survives the signals that end the program, for it has the exit code to write. */
    private static final String WRAPPER = """
            trap : INT TERM HUP
            dir=$1
            shift
            mask=$(umask)
            umask 077
            : >>"$dir/stdout" && : >>"$dir/stderr"
            read -r boot </proc/sys/kernel/random/boot_id
            read -r stat <"/proc/$$/stat"
            printf '%s\\n%s\\n' "$boot" "$stat" >"$dir/process.tmp" && mv "$dir/process.tmp" "$dir/process"
            mkdir "$dir/claim" 2>/dev/null || [ ! -d "$dir/claim" ] || exit 125
            umask "$mask"
            "$@" </dev/null >>"$dir/stdout" 2>>"$dir/stderr"
            code=$?
            umask 077
            printf '%s\\n' "$code" >"$dir/exit.tmp" && mv "$dir/exit.tmp" "$dir/exit"
            exit "$code"
            """;

    private static final String KILL = "kill -s \"$1\" -- \"$2\"";

    /** Which of the two outputs a line came from. */
    public enum Output {
        STDOUT,
        STDERR
    }

    private final Path directory;
    private final Optional<Process> child;
    private final Tail stdout;
    private final Tail stderr;

    /** @param child the program, if it was started by this agent */
    protected DetachedRun(Path directory, Optional<Process> child) {
        this.directory = directory;
        this.child = child;
        this.stdout = new Tail(directory.resolve("stdout"));
        this.stderr = new Tail(directory.resolve("stderr"));
    }

    /**
     * Starts a program.
     *
     * @param directory there, and without the files of another program
     * @param environment all of it; nothing is inherited
     */
    public static DetachedRun start(Path directory, List<String> command, Map<String, String> environment)
            throws IOException {
        var full = new ArrayList<String>();
        setsid().ifPresent(program -> full.add(program.toString()));
        full.addAll(List.of("/bin/sh", "-c", WRAPPER, "restic-fleet", directory.toString()));
        full.addAll(command);
        var builder = new ProcessBuilder(full)
                .directory(directory.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().putAll(environment);
        return new DetachedRun(directory, Optional.of(builder.start()));
    }

    /** A program that was started in this directory by an agent that has ended since. */
    public static DetachedRun adopt(Path directory) {
        return new DetachedRun(directory, Optional.empty());
    }

    /** Whether anything was started in this directory. */
    public static boolean startedIn(Path directory) {
        return Files.exists(directory.resolve("process")) || Files.exists(directory.resolve("exit"));
    }

    /**
     * Keeps a program that was not seen to begin in this directory from beginning late, as on a machine that is slow.
     *
     * @return false if it has begun already, or was kept from it before
     */
    public static boolean forestall(Path directory) {
        try {
            Files.createDirectory(directory.resolve("claim"));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives a program a session of its own; where it is missing, what ends the agent's group ends restic too. */
    public static Optional<Path> setsid() {
        return List.of("/usr/bin/setsid", "/bin/setsid").stream()
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    public Path stdout() {
        return directory.resolve("stdout");
    }

    public Path stderr() {
        return directory.resolve("stderr");
    }

    /** Passes on the lines written since the last call. */
    public void read(BiConsumer<Output, String> lines) throws IOException {
        stdout.read(line -> lines.accept(Output.STDOUT, line));
        stderr.read(line -> lines.accept(Output.STDERR, line));
    }

    /** Passes on what is left, once the program has ended. */
    public void finish(BiConsumer<Output, String> lines) throws IOException {
        stdout.finish(line -> lines.accept(Output.STDOUT, line));
        stderr.finish(line -> lines.accept(Output.STDERR, line));
    }

    /** Whether it still runs; if not, {@link #exitCode} is final. */
    public boolean running() throws IOException {
        if (Files.exists(directory.resolve("exit"))) {
            return false;
        }
        return child.isPresent()
                ? child.get().isAlive()
                : identity().filter(ProcessIdentity::alive).isPresent();
    }

    /** Waits for the program that was started here to end, but not for ever. */
    public void awaitEnd(Duration atMost) throws InterruptedException {
        if (child.isPresent()) {
            child.get().waitFor(atMost.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Tells when the program ends, on another thread; not of one that was started by an agent before. */
    public void onEnd(Runnable listener) {
        child.ifPresent(process -> process.onExit().thenRun(listener));
    }

    /** The program's exit code; empty if it was ended together with its wrapper, as by a reboot. */
    public Optional<Integer> exitCode() throws IOException {
        var file = directory.resolve("exit");
        var text = Files.exists(file) ? Files.readString(file).strip() : "";
        if (text.matches("\\d{1,3}")) {
            return Optional.of(Integer.parseInt(text)); // after a loss of power the file may be there and empty
        }
        // On a full disk the wrapper could not write it, but its parent was told.
        return child.filter(process -> !process.isAlive())
                .map(Process::exitValue)
                .filter(code -> code < 128);
    }

    /**
     * Sends a signal to the program and all it started.
     *
     * @param signal such as {@code INT}
     * @return false if it has not quite started yet, or has ended
     */
    public boolean signal(String signal) throws IOException, InterruptedException {
        var process = identity().filter(ProcessIdentity::alive);
        if (process.isEmpty()) {
            return false;
        }
        var pid = process.get().pid();
        var started = ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::descendants)
                .toList();
        if (signal.equals("KILL") && !started.isEmpty()) {
            // Not the wrapper: it sees them out, so that restic is surely gone when its lock is removed.
            started.forEach(ProcessHandle::destroyForcibly);
        } else if (setsid().isPresent()) {
            kill(signal, "-" + pid); // the wrapper leads the group
        } else {
            for (var program : ProcessHandle.of(pid).stream()
                    .flatMap(ProcessHandle::children)
                    .toList()) {
                kill(signal, Long.toString(program.pid()));
            }
        }
        return true;
    }

    private static void kill(String signal, String target) throws IOException, InterruptedException {
        new ProcessBuilder("/bin/sh", "-c", KILL, "sh", signal, target)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private Optional<ProcessIdentity> identity() throws IOException {
        return ProcessIdentity.read(directory.resolve("process"));
    }

    /** The end of what the program said on stderr, for finding out what went wrong. */
    public String errorText() throws IOException {
        if (!Files.exists(stderr())) {
            return "";
        }
        try (var channel = Files.newByteChannel(stderr())) {
            channel.position(Math.max(0, channel.size() - 256 * 1024));
            var buffer = ByteBuffer.allocate(256 * 1024);
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                continue; // until full, or the end
            }
            return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
        }
    }
}
