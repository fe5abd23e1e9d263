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
 * A program that outlives the agent, and whose exit code is known even if no agent was running when it ended.
 *
 * <p>It has its own session and writes to files in its directory; a wrapper script stores its exit code beside them. Not
 * safe for use by more than one thread, except {@link #signal}.
 */
public class DetachedRun {

    /** Ignores the signals that end the program, so that it can still write the exit code. */
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
            /bin/sh -c 'echo $$ >"$0"; exec "$@"' "$dir/pid" "$@" </dev/null >>"$dir/stdout" 2>>"$dir/stderr"
            code=$?
            umask 077
            printf '%s\\n' "$code" >"$dir/exit.tmp" && mv "$dir/exit.tmp" "$dir/exit"
            exit "$code"
            """;

    private static final String KILL = "kill -s \"$1\" -- \"$2\"";

    /** The output that a line came from. */
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
     * @param directory exists, and holds no files of another program
     * @param environment complete; nothing is inherited
     */
    public static DetachedRun start(Path directory, List<String> command, Map<String, String> environment)
            throws IOException {
        var unencodable = SystemEncoding.problem(command);
        if (unencodable.isPresent()) {
            throw new IOException(unencodable.get()); // Java would pass on question marks, which match any character
        }
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

    /** The program that an earlier agent process started in this directory. */
    public static DetachedRun adopt(Path directory) {
        return new DetachedRun(directory, Optional.empty());
    }

    /** Whether anything was started in this directory. */
    public static boolean startedIn(Path directory) {
        return Files.exists(directory.resolve("process")) || Files.exists(directory.resolve("exit"));
    }

    /**
     * Prevents a start whose outcome is unknown from happening later, as on a slow machine; atomic against the wrapper's
     * {@code mkdir claim}.
     *
     * @return false if the program has already started, or its start was prevented before
     */
    public static boolean preventStart(Path directory) {
        try {
            Files.createDirectory(directory.resolve("claim"));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a program in its own session; without it, a signal to the agent's process group ends restic too. */
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

    /** Passes on the lines completed since the last call. */
    public void read(BiConsumer<Output, String> lines) throws IOException {
        stdout.read(line -> lines.accept(Output.STDOUT, line));
        stderr.read(line -> lines.accept(Output.STDERR, line));
    }

    /** Passes on the rest, once the program has ended. */
    public void finish(BiConsumer<Output, String> lines) throws IOException {
        stdout.finish(line -> lines.accept(Output.STDOUT, line));
        stderr.finish(line -> lines.accept(Output.STDERR, line));
    }

    /** Whether the program is still running; if not, {@link #exitCode} is final. */
    public boolean running() throws IOException {
        if (Files.exists(directory.resolve("exit"))) {
            return false;
        }
        return child.isPresent()
                ? child.get().isAlive()
                : identity().filter(ProcessIdentity::alive).isPresent();
    }

    /** Waits for the program's end, up to a limit; returns at once for one that an earlier agent started. */
    public void awaitEnd(Duration atMost) throws InterruptedException {
        if (child.isPresent()) {
            child.get().waitFor(atMost.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Calls the listener on another thread when the program ends; never for one that an earlier agent started. */
    public void onEnd(Runnable listener) {
        child.ifPresent(process -> process.onExit().thenRun(listener));
    }

    /** The program's exit code; absent if its wrapper was ended with it, as by a reboot. */
    public Optional<Integer> exitCode() throws IOException {
        var file = directory.resolve("exit");
        var text = Files.exists(file) ? Files.readString(file).strip() : "";
        if (text.matches("\\d{1,3}")) {
            return Optional.of(Integer.parseInt(text)); // after a power cut the file may exist and be empty
        }
        // On a full disk the wrapper cannot write it, but its parent process still gets it.
        return child.filter(process -> !process.isAlive())
                .map(Process::exitValue)
                .filter(code -> code < 128);
    }

    /** Process id of the program itself, also after its end; absent if it was not started, or on a full disk. */
    public Optional<Long> programPid() throws IOException {
        var file = directory.resolve("pid");
        var text = Files.exists(file) ? Files.readString(file).strip() : "";
        return text.matches("\\d{1,10}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    /**
     * Sends a signal to the program and everything it started.
     *
     * @param signal such as {@code INT}
     * @return false if it has not fully started yet, or has ended
     */
    public boolean signal(String signal) throws IOException, InterruptedException {
        var process = identity().filter(ProcessIdentity::alive);
        if (process.isEmpty()) {
            return false;
        }
        var pid = process.get().pid();
        var descendants = ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::descendants)
                .toList();
        if (signal.equals("KILL") && !descendants.isEmpty()) {
            // Not the wrapper: it waits for them, so restic is certainly gone when its lock is removed.
            descendants.forEach(ProcessHandle::destroyForcibly);
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

    /** The last 256 KiB of stderr. */
    public String errorText() throws IOException {
        if (!Files.exists(stderr())) {
            return "";
        }
        try (var channel = Files.newByteChannel(stderr())) {
            channel.position(Math.max(0, channel.size() - 256 * 1024));
            var buffer = ByteBuffer.allocate(256 * 1024);
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                continue; // until the buffer is full or the file ends
            }
            return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
        }
    }
}
