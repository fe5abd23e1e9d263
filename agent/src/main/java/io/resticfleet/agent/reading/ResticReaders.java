package io.resticfleet.agent.reading;

import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticEnvironment;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.agent.restic.ResticProgram;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The restics that read snapshots: a limited number at once, each with files of its own for its credentials. */
public final class ResticReaders implements AutoCloseable {

    private static final Path NICE = Path.of("/usr/bin/nice");

    /** What is read, and how often at once. */
    enum Kind {
        TREE(1),
        FOLDER(2),
        DUMP(4);

        private final int atOnce;

        Kind(int atOnce) {
            this.atOnce = atOnce;
        }
    }

    private final ResticProgram program;
    private final Threads threads;
    private final Map<Kind, Queue<ResticEnvironment>> free = new EnumMap<>(Kind.class);
    private final Set<PipedRun> runs = new HashSet<>();
    private boolean closed;

    /** @param environment that of the jobs, of which others are made */
    public ResticReaders(ResticProgram program, ResticEnvironment environment, Threads threads) {
        this.program = program;
        this.threads = threads;
        for (var kind : Kind.values()) {
            var name = kind.name().toLowerCase(Locale.ROOT);
            free.put(
                    kind,
                    new ArrayDeque<>(IntStream.range(0, kind.atOnce)
                            .mapToObj(number -> environment.aside(name + number))
                            .toList()));
        }
    }

    /** A place for one that reads; empty if all are taken. */
    synchronized Optional<Reader> claim(Kind kind) {
        return Optional.ofNullable(free.get(kind).poll()).map(environment -> new Reader(kind, environment));
    }

    private synchronized void release(Kind kind, ResticEnvironment environment) {
        free.get(kind).add(environment);
    }

    private synchronized PipedRun started(Starter starter) throws IOException {
        if (closed) {
            throw new IOException("the agent is stopping");
        }
        var run = starter.start();
        runs.add(run);
        return run;
    }

    private interface Starter {
        PipedRun start() throws IOException;
    }

    private synchronized void ended(PipedRun run) {
        runs.remove(run);
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Kills them all, and starts no more. */
    @Override
    public synchronized void close() {
        closed = true;
        runs.forEach(PipedRun::close);
    }

    /** A place for a restic; not safe for use by more than one thread. */
    final class Reader implements AutoCloseable {
        private final Kind kind;
        private final ResticEnvironment environment;

        private Reader(Kind kind, ResticEnvironment environment) {
            this.kind = kind;
            this.environment = environment;
        }

        /** What is done with a run, which is killed afterwards. */
        interface Use<T> {
            T of(PipedRun run) throws ReadingFailed, IOException, InterruptedException;
        }

        /** Runs a command. */
        <T> T run(Repository repository, ResticCommand command, BooleanSupplier over, Use<T> use)
                throws ReadingFailed, IOException, InterruptedException {
            return run(repository, command, Optional.empty(), over, use);
        }

        /**
         * Runs a command.
         *
         * @param last its last argument; absent for none
         */
        <T> T run(
                Repository repository, ResticCommand command, Optional<RawText> last, BooleanSupplier over, Use<T> use)
                throws ReadingFailed, IOException, InterruptedException {
            var run = start(repository, command, last, over);
            try {
                return use.of(run);
            } finally {
                end(run);
            }
        }

        /** Starts a command, which is to be ended by {@link #end}. */
        PipedRun start(Repository repository, ResticCommand command, Optional<RawText> last, BooleanSupplier over)
                throws ReadingFailed, IOException {
            try {
                var line = environment.commandLine(program.locate(), command, repository);
                var whole = kind == Kind.TREE && Files.isExecutable(NICE)
                        ? Stream.concat(Stream.of(NICE.toString(), "-n", "10"), line.stream())
                                .toList()
                        : List.copyOf(line);
                var variables = environment.of(repository);
                return started(() -> PipedRun.start(whole, variables, last, threads, over));
            } catch (ResticMissing e) {
                throw new ReadingFailed(ErrorCode.RESTIC_MISSING, e.getMessage());
            }
        }

        /** Kills it, if it runs. */
        void end(PipedRun run) {
            run.close();
            ended(run);
        }

        @Override
        public void close() {
            release(kind, environment);
        }
    }
}
