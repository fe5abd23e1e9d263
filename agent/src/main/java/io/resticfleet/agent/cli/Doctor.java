package io.resticfleet.agent.cli;

import io.resticfleet.agent.config.AgentConfig;
import io.resticfleet.agent.config.AgentVersion;
import io.resticfleet.agent.config.Identity;
import io.resticfleet.agent.config.PlaintextPolicy;
import io.resticfleet.agent.link.Deletion;
import io.resticfleet.agent.link.HostProbe;
import io.resticfleet.agent.link.HttpClients;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.link.WrongKey;
import io.resticfleet.agent.policy.DeniedByPolicy;
import io.resticfleet.agent.policy.RepositoryRule;
import io.resticfleet.agent.restic.CredentialStore;
import io.resticfleet.agent.restic.DetachedRun;
import io.resticfleet.agent.restic.Redactor;
import io.resticfleet.agent.restic.RepositoryProbe;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticEnvironment;
import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.agent.restic.SshSetup;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.state.StateLock;
import io.resticfleet.agent.upgrade.Jar;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.Release;
import io.resticfleet.protocol.ToAgent;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Checks everything an agent needs and prints each result. Prints no secrets and changes nothing. */
public final class Doctor {

    private static final Duration MAX_SKEW = Duration.ofMinutes(1);
    private static final long RESTIC_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long MIN_FREE_MIB = 100;

    /** Variables for other programs; Java's HTTP client ignores them, and restic is started without them. */
    private static final List<String> PROXIES =
            List.of("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy");

    private final AgentConfig config;
    private final Map<String, String> environment;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final PrintStream out;
    private boolean well = true;

    public Doctor(
            AgentConfig config,
            Map<String, String> environment,
            InstantSource clock,
            LongSupplier nanos,
            PrintStream out) {
        this.config = config;
        this.environment = environment;
        this.clock = clock;
        this.nanos = nanos;
        this.out = out;
    }

    /** Runs all checks; returns whether there is no problem. */
    public boolean examine() throws InterruptedException {
        if (!Files.isDirectory(config.stateDir())) {
            problem("state directory", config.stateDir() + " does not exist; run enroll first");
            restic();
            return false;
        }
        var state = StateDirectory.open(config.stateDir());
        permissions(state);
        disk(state);
        boolean hasRestic = restic();
        var identity = Identity.find(state);
        upgrades(identity);
        if (identity.isEmpty()) {
            problem("enrolled", "no; run enroll --server URL --token T");
        } else {
            ok(
                    "enrolled",
                    "as " + identity.get().hostname() + " with "
                            + identity.get().server());
            Deletion.find(state)
                    .ifPresent(reported -> problem(
                            "deleted", reported.words() + ", or remove the agent (known since " + reported.at() + ")"));
            running(state);
            if (server(identity.get())) {
                known(identity.get());
            }
            encryption(identity.get());
        }
        policy();
        var received = CredentialStore.read(state);
        if (received.isEmpty()) {
            problem(
                    "repository",
                    "none received from the server yet; start the agent, and set one for this machine on the server's page");
        } else if (hasRestic) {
            for (var repository : CredentialStore.each(received)) {
                repository(state, repository);
            }
        }
        return well;
    }

    private void permissions(StateDirectory state) {
        try {
            var mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(state.root()));
            if (mode.endsWith("------")) {
                ok("state directory", state.root().toString());
            } else {
                problem("state directory", "other users can read it; run chmod 700 " + state.root());
            }
        } catch (IOException e) {
            problem("state directory", e.getMessage());
        }
    }

    private void disk(StateDirectory state) {
        try {
            var places = new LinkedHashMap<FileStore, Path>();
            places.put(Files.getFileStore(state.root()), state.root());
            var cache = state.root().resolve("cache");
            if (Files.isDirectory(cache)) {
                places.putIfAbsent(Files.getFileStore(cache), cache);
            }
            for (var place : places.entrySet()) {
                long free = place.getKey().getUsableSpace() / (1024 * 1024);
                if (free < MIN_FREE_MIB) {
                    problem(
                            "disk",
                            "only " + free + " MiB are free for " + place.getValue()
                                    + "; backups continue, but without restic's cache, and drop logs. Free some space");
                } else {
                    ok("disk", free + " MiB free for " + place.getValue());
                }
            }
        } catch (IOException e) {
            problem("disk", e.getMessage());
        }
    }

    /** Whether the server may and can replace this program. */
    private void upgrades(Optional<Identity> identity) {
        if (!config.upgrades().allows()) {
            ok("upgrades", "not by the server, as the owner of this machine does not allow it");
            return;
        }
        var jar = Jar.running();
        if (identity.flatMap(known -> known.server().warning()).isPresent()) {
            problem("upgrades", "allowed, but impossible while the connection to the server is not encrypted");
        } else if (jar.isPresent() && !jar.get().canBeReplaced()) {
            problem("upgrades", "allowed, but " + jar.get().file().getParent() + " cannot be written");
        } else {
            ok("upgrades", "the server may replace this program; anyone who controls the server is root here");
        }
    }

    /** @param reached whether the server was reached */
    private void proxy(boolean reached) {
        var set = PROXIES.stream()
                .filter(name -> !environment.getOrDefault(name, "").isBlank())
                .toList();
        if (set.isEmpty()) {
            return;
        }
        var text = String.join(", ", set) + (set.size() == 1 ? " is" : " are")
                + " set, and not used: the agent and restic connect directly";
        if (reached) {
            ok("proxy", text);
        } else {
            problem(
                    "proxy",
                    text + ". Allow direct connections, or set -Dhttps.proxyHost and -Dhttps.proxyPort in"
                            + " JAVA_TOOL_OPTIONS");
        }
    }

    private void version(Identity identity) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(identity.server().http("/api/version"))
                .timeout(Duration.ofSeconds(10))
                .build();
        var answer = HttpClients.client(identity.pins())
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
        var own = AgentVersion.text();
        var there = Json.FOREIGN.readTree(answer).path("version").asText("");
        if (Release.isNewer(there, own)) {
            problem(
                    "version",
                    "the agent is " + own + ", the server " + there
                            + "; upgrade the agent from the server's page, or by running the install command again");
        } else {
            ok("version", own + (there.isEmpty() ? "" : ", the server " + there));
        }
    }

    private boolean restic() {
        if (DetachedRun.setsid().isEmpty()) {
            problem("setsid", "not found; a running backup stops with the agent. Install util-linux");
        }
        try {
            ok("restic", config.restic().version() + " at " + config.restic().locate());
            return true;
        } catch (ResticMissing e) {
            problem("restic", e.getMessage());
            return false;
        }
    }

    private void policy() {
        var policy = config.policy().look();
        if (policy.problem().isPresent()) {
            problem(
                    "policy",
                    policy.file() + ": " + policy.problem().get()
                            + "; until then no hooks run and no snapshots are removed");
        } else {
            ok("policy", "hooks " + policy.hooks().word() + ", see " + policy.file());
            AlarmCheck.of(config.policy().alarm(), this::ok, this::problem);
        }
    }

    private void running(StateDirectory state) {
        var lock = StateLock.take(state);
        if (lock.isEmpty()) {
            ok("agent", "is running");
        } else {
            lock.get().close();
            problem("agent", "is not running, so nothing is backed up; run systemctl start restic-fleet-agent");
        }
    }

    /** Whether the server knows this machine. */
    private void known(Identity identity) throws InterruptedException {
        try {
            var rejection = HostProbe.rejection(
                    HttpClients.client(identity.pins()),
                    identity.server(),
                    identity.hostId(),
                    AgentVersion.text(),
                    clock.instant());
            switch (rejection.code()) {
                case "bad_signature" -> ok("machine", "known to the server"); // the hello has none
                case "unknown_host" ->
                    problem(
                            "machine",
                            rejection.detail()
                                    + ". Enrol it again with a command from Add machine on the server's page,"
                                    + " or stop the agent");
                default -> problem("machine", "the server rejects it: " + rejection.detail());
            }
        } catch (IOException e) {
            problem("machine", "the server does not answer an agent's hello (" + e.getMessage() + ")");
        }
    }

    /** Whether the server can be reached. */
    private boolean server(Identity identity) throws InterruptedException {
        try {
            var request = HttpRequest.newBuilder(identity.server().http("/healthz"))
                    .timeout(Duration.ofSeconds(10))
                    .build();
            var response = HttpClients.client(identity.pins()).send(request, HttpResponse.BodyHandlers.discarding());
            if (response.statusCode() != 200) {
                problem("server", identity.server() + " answers HTTP " + response.statusCode());
                return false;
            }
            ok("server", identity.server() + " answers");
            proxy(true);
            response.headers().firstValue("Date").ifPresent(this::time);
            version(identity);
            return true;
        } catch (IOException e) {
            problem("server", WrongKey.in(e).map(WrongKey::advice).orElseGet(() -> unreachable(identity.server(), e)));
            proxy(false);
            return false;
        }
    }

    private void encryption(Identity identity) {
        var warning = identity.server().warning();
        if (warning.isEmpty()) {
            return;
        }
        if (identity.plaintext().equals(Optional.of(PlaintextPolicy.ALLOWED))) {
            ok("encryption", "off, as was allowed when this machine was enrolled");
        } else {
            problem("encryption", warning.get() + ", and enrol this machine again with it");
        }
    }

    private static String unreachable(ServerAddress server, IOException e) {
        return server + " cannot be reached (" + e + "); check the server and the network. Backups continue without it";
    }

    private void time(String serverDate) {
        try {
            var there = ZonedDateTime.parse(serverDate, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            var skew = Duration.between(there, clock.instant()).abs();
            if (skew.compareTo(MAX_SKEW) > 0) {
                problem("clock", "differs from the server's clock by " + skew.toSeconds() + " s; set up NTP");
            } else {
                ok("clock", "same as the server's");
            }
        } catch (DateTimeException e) {
            problem("clock", "the server sent an invalid date");
        }
    }

    private void repository(StateDirectory state, ToAgent.ConfigUpdate received) throws InterruptedException {
        var repository = received.repository();
        try {
            RepositoryRule.check(config.policy().look(), repository, state.root());
        } catch (DeniedByPolicy e) {
            problem("repository", e.getMessage());
            return;
        }
        var unreachable = RepositoryProbe.problem(repository);
        if (unreachable.isPresent()) {
            problem("repository", unreachable.get());
            return;
        }
        var directory = state.directory("doctor");
        try {
            state.deleteTree(directory);
            var environment = new ResticEnvironment(state, config.restic().searchPath());
            var command = environment.commandLine(config.restic().locate(), ResticCommand.probe(), repository);
            var run = DetachedRun.start(state.directory("doctor"), command, environment.of(repository));
            judge(run, received, environment.ssh());
        } catch (IOException | ResticMissing e) {
            problem("repository", e.getMessage());
        } finally {
            state.deleteTree(directory);
        }
    }

    private void judge(DetachedRun run, ToAgent.ConfigUpdate received, SshSetup ssh)
            throws IOException, InterruptedException {
        var repository = received.repository();
        long until = nanos.getAsLong() + RESTIC_TIMEOUT_NANOS;
        while (run.running() && nanos.getAsLong() - until < 0) {
            run.awaitEnd(Duration.ofMillis(200));
        }
        var exitCode = run.exitCode();
        if (exitCode.equals(Optional.of(0))) {
            ok("repository", repository.url() + " can be opened");
            return;
        }
        if (exitCode.isEmpty()) {
            run.signal("INT");
        }
        var messages = ssh.messages(repository, run.errorText(), () -> nanos.getAsLong() - until > 0);
        var failure = ResticFailure.classify(exitCode.orElse(1), messages); // restic may still be repeating what failed
        if (failure == ResticFailure.REPO_NOT_FOUND && !received.repositoryKnown()) {
            ok("repository", repository.url() + " does not exist yet; the first backup creates it");
            return;
        }
        var text = exitCode.isEmpty() && failure == ResticFailure.UNKNOWN
                ? "no answer; check the backup server and the network"
                : failure.explain(messages);
        var advice = failure.code().retry() == ErrorCode.Retry.NEVER
                ? ". " + failure.code().advice()
                : "";
        problem(
                "repository",
                repository.url() + ": " + Redactor.of(Optional.of(repository)).redact(text) + advice);
    }

    private void ok(String what, String detail) {
        out.println("OK       " + what + ": " + detail);
    }

    private void problem(String what, String detail) {
        well = false;
        out.println("PROBLEM  " + what + ": " + detail);
    }
}
