package io.resticfleet.agent.reading;

import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.agent.restic.SystemEncoding;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.RawText;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A restic whose output is read while it runs, so that it waits when nobody reads. It does not outlive {@link #close}. One
 * thread keeps the last of its messages, and kills it once its output is not needed any more.
 */
final class PipedRun implements AutoCloseable {

    private static final long LOOK_MILLIS = 100;
    private static final int MAX_MESSAGES = 32 * 1024;

    /** Passes an argument of any bytes, which Java cannot. */
    private static final Path XARGS = Path.of("/usr/bin/xargs");

    private final Process process;
    private final InputStream output;
    private final BooleanSupplier over;
    private final Thread watch;
    private final StringBuilder messages = new StringBuilder();

    private PipedRun(Process process, Threads threads, BooleanSupplier over) {
        this.process = process;
        this.output = new FilterInputStream(process.getInputStream()) {
            @Override
            public void close() {} // parsers do so at the end of what they read
        };
        this.over = over;
        this.watch = threads.start("restic-watch", this::watch);
    }

    /**
     * Starts it.
     *
     * @param environment complete; nothing is inherited
     * @param last its last argument, of any bytes; absent for none
     * @param over asked ten times a second; true once its output is not needed any more: it is killed
     */
    static PipedRun start(
            List<String> command,
            Map<String, String> environment,
            Optional<RawText> last,
            Threads threads,
            BooleanSupplier over)
            throws IOException {
        var line = new ArrayList<>(command);
        boolean raw = last.isPresent() && !encodable(last.get());
        if (raw) {
            if (!Files.isExecutable(XARGS)) {
                throw new IOException(XARGS + " is missing, without which this name cannot be passed to restic");
            }
            line.addAll(0, List.of(XARGS.toString(), "--null", "--max-args=1", "--"));
        } else {
            last.ifPresent(argument -> line.add(argument.text()));
        }
        var unencodable = SystemEncoding.problem(line);
        if (unencodable.isPresent()) {
            throw new IOException(unencodable.get());
        }
        var builder = new ProcessBuilder(line);
        builder.environment().clear();
        builder.environment().putAll(environment);
        if (!raw) {
            builder.redirectInput(Path.of("/dev/null").toFile());
        }
        var run = new PipedRun(builder.start(), threads, over);
        if (raw) {
            run.pass(last.get());
        }
        return run;
    }

    private static boolean encodable(RawText argument) {
        return argument.isUtf8()
                && SystemEncoding.problem(List.of(argument.text())).isEmpty();
    }

    private void pass(RawText argument) throws IOException {
        try (var input = process.getOutputStream()) {
            input.write(argument.bytes());
            input.write(0);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** What it prints. A read returns at once after it was killed. To close it changes nothing. */
    InputStream output() {
        return output;
    }

    /**
     * Reads the rest of its output, and waits for its end.
     *
     * @return its last messages
     * @throws ReadingFailed unless it ended as it should
     */
    String end() throws ReadingFailed, IOException, InterruptedException {
        output.transferTo(OutputStream.nullOutputStream());
        int code = process.waitFor();
        watch.join();
        if (over.getAsBoolean()) {
            throw new ReadingFailed("failed", "it is not needed any more");
        }
        var stderr = messages();
        if (code != 0) {
            throw ReadingFailed.of(ResticFailure.classify(code, stderr), stderr);
        }
        return stderr;
    }

    private synchronized String messages() {
        return messages.toString();
    }

    private void watch() {
        try {
            while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                collect();
                if (over.getAsBoolean()) {
                    close();
                }
            }
            collect();
        } catch (IOException e) {
            close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
        }
    }

    private void collect() throws IOException {
        var stderr = process.getErrorStream();
        var bytes = new ByteArrayOutputStream();
        for (int ready = stderr.available(); ready > 0; ready = stderr.available()) {
            bytes.write(stderr.readNBytes(ready));
        }
        synchronized (this) {
            messages.append(bytes.toString(StandardCharsets.UTF_8));
            messages.delete(0, Math.max(0, messages.length() - MAX_MESSAGES));
        }
    }

    /** Kills it, if it runs. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
