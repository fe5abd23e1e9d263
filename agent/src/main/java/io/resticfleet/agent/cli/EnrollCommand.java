package io.resticfleet.agent.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.resticfleet.agent.config.AgentConfig;
import io.resticfleet.agent.config.AgentVersion;
import io.resticfleet.agent.config.HostFacts;
import io.resticfleet.agent.config.Identity;
import io.resticfleet.agent.link.Deletion;
import io.resticfleet.agent.link.HttpClients;
import io.resticfleet.agent.link.Pins;
import io.resticfleet.agent.link.WrongKey;
import io.resticfleet.agent.policy.NewPolicy;
import io.resticfleet.agent.restic.ResticVersion;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.pin.Pin;
import io.resticfleet.protocol.Enrollment;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.Protocol;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Enrols this machine with a server, once. */
public final class EnrollCommand {

    private static final String KEYS = "enrolment-keys.json";

    private EnrollCommand() {}

    public static void run(AgentConfig config, PrintStream out) throws CommandFailed, InterruptedException {
        var state = StateDirectory.open(config.stateDir());
        var server = config.server().orElseThrow();
        var existing = Identity.find(state);
        if (existing.filter(identity -> !identity.server().equals(server)).isPresent()) {
            throw new CommandFailed(
                    "this machine is enrolled already, as " + existing.get().hostname() + " with "
                            + existing.get().server() + ". To enrol it with another server, stop the agent and remove "
                            + state.root().resolve(Identity.FILE));
        }
        server.warning().ifPresent(warning -> out.println("WARNING: " + warning));
        var policy = new NewPolicy(config.policy());
        if (config.ownersPolicy().isPresent()) {
            copy(policy, config.ownersPolicy().get());
        }
        var keys = keys(state);
        var request = new Enrollment.Request(
                token(config.token().orElseThrow()),
                keys.publicKey(),
                HostFacts.hostname(),
                HostFacts.os(),
                HostFacts.arch(),
                AgentVersion.text(),
                config.restic().findVersion().map(ResticVersion::toString),
                Optional.of(ZoneId.systemDefault().getId()),
                existing.map(Identity::hostId));
        var pins = config.pins().map(Pins::trusted).orElse(List.of());
        var answer = post(config, request);
        boolean strictest = answer.replacement() && !policy.exists();
        if (strictest) {
            writeStrictest(policy); // before the identity, without which the agent does not run
        }
        state.writeJson(
                Identity.FILE,
                new Identity(
                        answer.hostId(),
                        answer.hostname(),
                        server,
                        keys.privateKey(),
                        pins.stream().map(Pin::sha256).findFirst(),
                        pins.stream().map(Pin::sha256).skip(1).findFirst(),
                        Optional.of(config.plaintext())));
        state.delete(state.root().resolve(KEYS));
        Deletion.clear(state);
        out.println("Enrolled as " + answer.hostname() + " (" + answer.hostId() + ") with " + server
                + (answer.replacement() ? ", in place of its former machine." : "."));
        if (strictest) {
            out.println(
                    "Policy: the strictest one was written, as none was given: backups run, but no hooks, the server may"
                            + " ask nothing about this machine, remove nothing from repositories, and restore only into the agent's"
                            + " own directory. The owner of this machine can allow more in " + policy);
        } else if (config.ownersPolicy().isPresent()) {
            out.println("Policy: " + config.ownersPolicy().get() + " is in place, as " + policy);
        } else if (answer.replacement()) {
            out.println("Policy: the one on this machine applies: " + policy);
        }
        config.restic()
                .problem()
                .ifPresent(problem -> out.println(
                        "WARNING: " + problem + ". Nothing can be backed up before; on Debian: apt install restic"));
        out.println("Next: run the agent, now with");
        out.println("  java -jar restic-fleet-agent.jar run --state-dir " + state.root());
        out.println("or permanently, as a service: systemctl enable --now restic-fleet-agent");
    }

    private static void copy(NewPolicy policy, Path source) throws CommandFailed {
        try {
            policy.copy(source);
        } catch (IOException e) {
            throw new CommandFailed("the policy cannot be put in place, so nothing was sent: " + e.getMessage());
        }
    }

    /** The server takes the same token again from this machine, whose keys are kept. */
    private static void writeStrictest(NewPolicy policy) throws CommandFailed {
        try {
            policy.writeStrictest();
        } catch (IOException e) {
            throw new CommandFailed(
                    "this machine is not enrolled yet, as its policy cannot be written to " + policy + ": " + e
                            + ". Run the same command as root, or write the file yourself, then run the command again");
        }
    }

    /** Arguments can be read by every user of the machine, standard input cannot. */
    private static String token(String given) throws CommandFailed {
        if (!given.equals("-")) {
            return given;
        }
        try {
            var line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            return Optional.ofNullable(line)
                    .map(String::strip)
                    .filter(token -> !token.isEmpty())
                    .orElseThrow(() -> new CommandFailed("there is no token on standard input"));
        } catch (IOException e) {
            throw new CommandFailed("the token cannot be read from standard input: " + e.getMessage());
        }
    }

    private static Enrollment.Answer post(AgentConfig config, Enrollment.Request request)
            throws CommandFailed, InterruptedException {
        var server = config.server().orElseThrow();
        try {
            var body = HttpRequest.BodyPublishers.ofByteArray(Json.LENIENT.writeValueAsBytes(request));
            var post = HttpRequest.newBuilder(server.http(Protocol.ENROLL_PATH))
                    .header("Content-Type", "application/json")
                    .timeout(Duration.ofSeconds(30))
                    .POST(body)
                    .build();
            var response = HttpClients.client(config.pins()).send(post, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new CommandFailed(
                        "the server refused (HTTP " + response.statusCode() + "): " + detail(response.body()));
            }
            return Json.LENIENT.readValue(response.body(), Enrollment.Answer.class);
        } catch (JsonProcessingException e) {
            throw new CommandFailed(server + " does not seem to be a restic-fleet server");
        } catch (IOException e) {
            throw new CommandFailed(WrongKey.in(e)
                    .map(wrong ->
                            wrong.getMessage() + ". Compare both with what the command doctor prints on the server")
                    .orElse("the server at " + server + " cannot be reached: " + e));
        }
    }

    private static String detail(String problem) {
        try {
            var detail = Json.FOREIGN.readTree(problem).path("detail").asText();
            return detail.isBlank() ? "without a reason" : detail;
        } catch (JsonProcessingException e) {
            return "without a reason; is it a restic-fleet server?";
        }
    }

    /** The keys of an earlier attempt, or new ones; stored before they are sent. */
    private static Keys keys(StateDirectory state) {
        return state.readJson(KEYS, Keys.class).orElseGet(() -> {
            try {
                var pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
                var base64 = Base64.getEncoder();
                var keys = new Keys(
                        base64.encodeToString(pair.getPublic().getEncoded()),
                        base64.encodeToString(pair.getPrivate().getEncoded()));
                state.writeJson(KEYS, keys);
                return keys;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this Java has no Ed25519", e);
            }
        });
    }

    /**
     * A key pair that the server may know already: if its answer was lost, the token can be used again, but only with
     * the same public key.
     *
     * @param publicKey X.509, Base64
     * @param privateKey PKCS 8, Base64
     */
    record Keys(String publicKey, String privateKey) {
        /** Without the private key. */
        @Override
        public String toString() {
            return "Keys[publicKey=" + publicKey + "]";
        }
    }
}
