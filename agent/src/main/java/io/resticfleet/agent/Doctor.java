package io.resticfleet.agent;

import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.restic.Credentials;
import io.resticfleet.agent.restic.DetachedRun;
import io.resticfleet.agent.restic.Redactor;
import io.resticfleet.agent.restic.RepositoryProbe;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticEnvironment;
import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.agent.state.Storage;
import io.resticfleet.protocol.Repository;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Looks at everything an agent needs, and says of each whether it is well. Prints no secret, changes nothing. */
final class Doctor {

    private static final Duration MOST_SKEW = Duration.ofMinutes(1);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final AgentConfig config;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final PrintStream out;
    private boolean well = true;

    Doctor(AgentConfig config, InstantSource clock, LongSupplier nanos, PrintStream out) {
        this.config = config;
        this.clock = clock;
        this.nanos = nanos;
        this.out = out;
    }

    /** Whether all is well. */
    boolean examine() throws InterruptedException {
        if (!Files.isDirectory(config.stateDir())) {
            problem("state directory", config.stateDir() + " is not there; run enroll first");
            restic();
            return false;
        }
        var storage = Storage.open(config.stateDir());
        permissions(storage);
        boolean hasRestic = restic();
        var identity = Identity.find(storage);
        if (identity.isEmpty()) {
            problem("enrolled", "no; run enroll --server URL --token T");
        } else {
            ok(
                    "enrolled",
                    "as " + identity.get().hostname() + " with "
                            + identity.get().server());
            server(identity.get());
        }
        var repository = Credentials.open(storage).repository();
        if (repository.isEmpty()) {
            problem("repository", "the server has not named one yet; start the agent, and set one for this host");
        } else if (hasRestic) {
            repository(storage, repository.get());
        }
        return well;
    }

    private void permissions(Storage storage) {
        try {
            var mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(storage.root()));
            if (mode.endsWith("------")) {
                ok("state directory", storage.root().toString());
            } else {
                problem("state directory", "others may look into it; run chmod 700 " + storage.root());
            }
        } catch (IOException e) {
            problem("state directory", e.getMessage());
        }
    }

    private boolean restic() {
        if (DetachedRun.setsid().isEmpty()) {
            problem("setsid", "not found; backups end with the agent. Install util-linux");
        }
        try {
            ok("restic", config.restic().version() + " at " + config.restic().locate());
            return true;
        } catch (ResticMissing e) {
            problem("restic", e.getMessage());
            return false;
        }
    }

    private void server(Identity identity) throws InterruptedException {
        try {
            var request = HttpRequest.newBuilder(identity.server().http("/healthz"))
                    .timeout(Duration.ofSeconds(10))
                    .build();
            var response = Clients.client(identity.certificate()).send(request, HttpResponse.BodyHandlers.discarding());
            if (response.statusCode() != 200) {
                problem("server", identity.server() + " answers HTTP " + response.statusCode());
                return;
            }
            ok("server", identity.server() + " answers");
            response.headers().firstValue("Date").ifPresent(this::time);
        } catch (IOException e) {
            problem("server", unreachable(identity.server(), e));
        }
    }

    private static String unreachable(ServerAddress server, IOException e) {
        return server + " cannot be reached (" + e + "); is it up, and the network? Backups go on without it";
    }

    private void time(String serverDate) {
        try {
            var there = ZonedDateTime.parse(serverDate, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            var skew = Duration.between(there, clock.instant()).abs();
            if (skew.compareTo(MOST_SKEW) > 0) {
                problem("clock", "differs from the server's by " + skew.toSeconds() + " s; set up NTP");
            } else {
                ok("clock", "agrees with the server's");
            }
        } catch (DateTimeException e) {
            problem("clock", "the server's date cannot be read");
        }
    }

    private void repository(Storage storage, Repository repository) throws InterruptedException {
        var unreachable = RepositoryProbe.problem(repository.url());
        if (unreachable.isPresent()) {
            problem("repository", unreachable.get());
            return;
        }
        var directory = storage.directory("doctor");
        try {
            storage.deleteTree(directory);
            var command = new ArrayList<>(List.of(config.restic().locate().toString()));
            command.addAll(ResticCommand.probe().arguments());
            var environment = new ResticEnvironment(storage, config.restic().searchPath()).of(repository);
            var run = DetachedRun.start(storage.directory("doctor"), command, environment);
            judge(run, repository);
        } catch (IOException | ResticMissing e) {
            problem("repository", e.getMessage());
        } finally {
            storage.deleteTree(directory);
        }
    }

    private void judge(DetachedRun run, Repository repository) throws IOException, InterruptedException {
        long until = nanos.getAsLong() + PATIENCE_NANOS;
        while (run.running() && nanos.getAsLong() - until < 0) {
            run.awaitEnd(Duration.ofMillis(200));
        }
        var exitCode = run.exitCode();
        if (exitCode.isEmpty()) {
            run.signal("INT");
            problem("repository", repository.url() + " does not answer");
        } else if (exitCode.get() == 0) {
            ok("repository", repository.url() + " opens");
        } else {
            var failure = ResticFailure.classify(exitCode.get(), run.errorText());
            var words = failure == ResticFailure.REPO_NOT_FOUND
                    ? "is not there yet; the first backup creates it"
                    : failure.explain(run.errorText());
            problem(
                    "repository",
                    repository.url() + ": "
                            + Redactor.of(Optional.of(repository)).redact(words));
        }
    }

    private void ok(String what, String detail) {
        out.println("OK       " + what + ": " + detail);
    }

    private void problem(String what, String detail) {
        well = false;
        out.println("PROBLEM  " + what + ": " + detail);
    }
}
