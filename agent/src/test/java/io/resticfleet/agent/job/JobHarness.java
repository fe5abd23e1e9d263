package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static io.resticfleet.agent.Eventually.present;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.f4b6a3.ulid.UlidCreator;
import io.resticfleet.agent.link.Outbox;
import io.resticfleet.agent.path.Fstab;
import io.resticfleet.agent.path.PathLooks;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.question.LockQuestion;
import io.resticfleet.agent.restic.CredentialStore;
import io.resticfleet.agent.restic.KnownRepositories;
import io.resticfleet.agent.restic.LockLookup;
import io.resticfleet.agent.restic.Programs;
import io.resticfleet.agent.restic.ResticEnvironment;
import io.resticfleet.agent.restic.ResticProgram;
import io.resticfleet.agent.restore.FreeSpace;
import io.resticfleet.agent.restore.Restores;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A runner with a real disk, clock and restic. */
final class JobHarness implements AutoCloseable {

    static final String PASSWORD = "correct-horse-battery";
    /** On a busy machine a path may need a while; after one that hangs, the others have a tenth of the time. */
    static final Limits LIMITS = new Limits(
            Duration.ofMillis(500),
            Duration.ofSeconds(3),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofSeconds(30),
            Duration.ZERO,
            Duration.ofSeconds(5));

    final Path root;
    final Path repository;
    final Path files;
    final StateDirectory state;
    final Journal journal;
    final Outbox outbox;
    final JobLogs logs;
    final CredentialStore credentials;
    final Results results;
    final SnapshotLists snapshots;
    final JobContext context;
    final Runner runner;
    final RunIds runIds;
    final Retries retries;
    final SourceHistory history;
    final Restores restores;

    /** Of the disk that files are restored to. */
    volatile FreeSpace space = FreeSpace.OF_SYSTEM;

    /** Offset of the wall clock used by retries and jobs. */
    volatile Duration ahead = Duration.ZERO;

    /** Offset of the monotonic clock. */
    volatile Duration passed = Duration.ZERO;

    /** Of the machine. */
    volatile Optional<Duration> uptime = Optional.empty();

    final List<ToServer.JobProgress> progress = new CopyOnWriteArrayList<>();
    final ServerAnswers server;
    final List<ToServer> asked = new CopyOnWriteArrayList<>();

    /** The server's answers to what jobs ask; null for none. */
    volatile Function<ToServer, ToAgent> answers = question -> null;

    private final List<ToServer> sent = new ArrayList<>();

    JobHarness(Path root) {
        this(root, HookRule.LOCAL_ONLY, "/usr/bin/restic", LIMITS);
    }

    JobHarness(Path root, HookRule hooks, String restic, Limits limits) {
        this.root = root;
        repository = root.resolve("repository");
        files = root.resolve("files");
        write(files.resolve("hello.txt"), "hello");
        state = StateDirectory.open(root.resolve("state"));
        credentials = CredentialStore.open(state);
        if (credentials.find().isEmpty()) {
            configure(repository.toString(), PASSWORD);
        }
        journal = Journal.open(state);
        outbox = Outbox.open(state);
        logs = new JobLogs(journal, credentials, InstantSource.system());
        results = new Results(outbox, journal, logs, InstantSource.system());
        snapshots = new SnapshotLists(state, results);
        server = new ServerAnswers(state, this::asked, () -> System.nanoTime() + passed.toNanos());
        var program = new ResticProgram(restic, "/usr/local/bin:/usr/bin:/bin");
        runIds = RunIds.open(state);
        retries = Retries.open(state, () -> InstantSource.system().instant().plus(ahead), new SplittableRandom(7));
        history = SourceHistory.open(state);
        var policy = new PolicyFile(root.resolve("policy.json"), hooks);
        restores = Restores.of(
                policy, state, () -> InstantSource.system().instant().plus(ahead), path -> space.of(path));
        context = new JobContext(
                state,
                program,
                Programs.OF_SYSTEM,
                new ResticEnvironment(state, program.searchPath()),
                credentials,
                KnownRepositories.open(state),
                journal,
                logs,
                results,
                snapshots,
                server,
                runIds,
                retries,
                new PathLooks(new Fstab(root.resolve("fstab")), Threads.OF_SYSTEM, System::nanoTime),
                history,
                restores,
                policy,
                Threads.OF_SYSTEM,
                limits,
                () -> InstantSource.system().instant().plus(ahead),
                () -> System.nanoTime() + passed.toNanos(),
                () -> uptime,
                progress::add);
        runner = Runner.start(context);
    }

    /** A server that decides what is removed has connected. */
    void serverPlans() {
        server.welcomed(new ToAgent.Welcome(
                "1",
                10,
                Instant.EPOCH,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(List.of(Protocol.RETENTION_PLANS))));
    }

    private boolean asked(ToServer question) {
        asked.add(question);
        var answer = answers.apply(question);
        if (answer instanceof ToAgent.RetentionPlan plan) {
            server.answered(plan);
        } else if (answer instanceof ToAgent.CredentialsGrant grant) {
            server.answered(grant);
        }
        return answer != null;
    }

    void configure(String url, String password) {
        configure(new Repository(new RepositoryUrl(url), Optional.empty(), Optional.empty(), password));
    }

    void configure(Repository wanted) {
        credentials.store(new ToAgent.ConfigUpdate(
                "web-01", wanted, false, Optional.empty(), Optional.empty(), Optional.empty()));
    }

    /** A restic that behaves differently where its arguments match a case of the shell. */
    static String resticBut(Path root, String cases) throws IOException {
        var restic = Files.writeString(
                root.resolve("restic"),
                "#!/bin/sh\ncase \" $* \" in " + cases + " esac\nexec /usr/bin/restic \"$@\"\n");
        Files.setPosixFilePermissions(restic, PosixFilePermissions.fromString("rwxr-xr-x"));
        return restic.toString();
    }

    /** A manual backup of all files. */
    Schedule everything() {
        return backupOf(files.toString());
    }

    /** A backup that takes minutes, as its upload is limited. */
    Schedule slow() {
        return backupOf(
                List.of(big(20).toString()),
                RetentionPolicy.NONE,
                new BackupOptions(
                        false,
                        false,
                        100,
                        false,
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    /** A directory with that much random content. */
    Path big(int mebibytes) {
        var noise = new byte[mebibytes << 20];
        new Random(1).nextBytes(noise);
        write(root.resolve("big/noise"), noise);
        return root.resolve("big");
    }

    /** A manual backup of these paths. */
    static Schedule backupOf(String... paths) {
        return backupOf(List.of(paths), RetentionPolicy.NONE, BackupOptions.NONE);
    }

    static Schedule backupOf(List<String> paths, RetentionPolicy retention, BackupOptions options) {
        return schedule(JobKind.BACKUP, paths, retention, options, Hooks.NONE);
    }

    static Schedule schedule(
            JobKind kind, List<String> paths, RetentionPolicy retention, BackupOptions options, Hooks hooks) {
        return new Schedule(
                new ScheduleId("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
                kind,
                "nightly",
                true,
                true,
                Optional.empty(),
                Optional.empty(),
                paths,
                List.of(),
                List.of("nightly"),
                retention,
                options,
                hooks,
                CatchUp.RUN_ONCE,
                0,
                Optional.empty());
    }

    String submit(Schedule schedule) {
        return submit(JobSpec.of(schedule));
    }

    String submit(JobKind kind) {
        return submit(JobSpec.once(kind));
    }

    String submit(JobSpec spec) {
        var id = UlidCreator.getMonotonicUlid().toString();
        var command =
                new ToAgent.CommandRun(new JobId(id), spec, JobTrigger.MANUAL, Optional.empty(), Optional.empty());
        journal.accept(JobEntry.ordered(command, spec));
        runner.enqueue(new JobId(id));
        return id;
    }

    ToServer.JobFinished run(Schedule schedule) {
        return end(submit(schedule));
    }

    ToServer.JobFinished end(String jobId) {
        return present(() -> sent(ToServer.JobFinished.class).stream()
                .filter(end -> end.jobId().value().equals(jobId))
                .findFirst());
    }

    /** Answers which locks the repository has. */
    LockQuestion lockQuestion() {
        return new LockQuestion(
                credentials,
                new LockLookup(context.program(), context.environment().aside()),
                context.policy(),
                state.root());
    }

    /** Waits for a complete lock: restic first writes it under a temporary name. */
    void awaitLock() {
        eventually(() -> assertThat(
                        repository.resolve("locks").toFile().list((directory, name) -> !name.contains("-tmp-")))
                .isNotEmpty());
    }

    /** All results of a kind so far. */
    synchronized <T extends ToServer> List<T> sent(Class<T> type) {
        for (var next = outbox.next(); next.isPresent(); next = outbox.next()) {
            sent.add(next.get());
        }
        return sent.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** A job's log as sent to the server. */
    String log(String jobId) {
        return logs.of(new JobId(jobId)).next(1 << 20).stream()
                .map(line -> line.stream() + " " + line.text() + "\n")
                .reduce("", String::concat);
    }

    /** An empty repository, copied because creating one takes restic seconds. */
    void createRepository() {
        createRepository(repository);
    }

    void createRepository(Path place) {
        EmptyRepository.copyTo(place);
    }

    /** Everything in the state directory's files. */
    List<String> stateContents() {
        return StateContents.of(state.root());
    }

    /** Adds a second password to the repository. */
    void addKey(String password) {
        var file = root.resolve("new-password");
        write(file, password);
        restic("key", "add", "--new-password-file=" + file);
    }

    /** Runs restic from outside the agent and returns its output. */
    String restic(String... arguments) {
        return resticAt(repository, arguments);
    }

    /** As {@link #restic}, at another repository. */
    String resticAt(Path place, String... arguments) {
        try {
            var command = new ArrayList<>(List.of("/usr/bin/restic", "-r", place.toString()));
            command.addAll(List.of(arguments));
            var builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment()
                    .putAll(Map.of(
                            "RESTIC_PASSWORD",
                            PASSWORD,
                            "RESTIC_CACHE_DIR",
                            root.resolve("c").toString()));
            var process = builder.start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void write(Path file, String text) {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    static void write(Path file, byte[] content) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until no restic runs any more, not even to list snapshots after a job; then accepts no more jobs. */
    void finish() {
        eventually(() -> assertThat(runner.stopIfIdle()).isTrue());
    }

    @Override
    public void close() {
        runner.close();
    }
}
