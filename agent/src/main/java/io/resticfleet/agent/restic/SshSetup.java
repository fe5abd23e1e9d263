package io.resticfleet.agent.restic;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.SshHostKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How ssh opens sftp repositories: with a key of the agent's own, and the host keys that an operator has confirmed, beside
 * the machine's own configuration of ssh, which stays in use. A machine where neither is set up runs ssh as restic does.
 */
public final class SshSetup {

    /** Keys that ssh uses unless one is configured. */
    private static final List<String> USUAL_KEYS =
            List.of("id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk");

    private static final String SCAN_SECONDS = "5";
    private static final int CONNECT_SECONDS = 10;

    /** As restic's own for HTTP; without one, ssh has the system's, which is more than two minutes. */
    private static final int CONNECT_SECONDS_OF_RESTIC = 30;

    private final StateDirectory state;
    private final String searchPath;

    SshSetup(StateDirectory state, String searchPath) {
        this.state = state;
        this.searchPath = searchPath;
    }

    /**
     * The command that connects restic with an sftp server, quoted as restic splits it; absent for other kinds, and if
     * restic's own command does.
     *
     * @see <a href="https://restic.readthedocs.io/en/stable/030_preparing_a_new_repo.html#sftp">restic: SFTP</a>
     */
    Optional<String> command(Repository repository) {
        return isSetUp(repository)
                ? words(repository)
                        .map(words ->
                                words.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" ")))
                : Optional.empty();
    }

    /** Whether the agent has a key, or somebody has confirmed host keys. */
    private boolean isSetUp(Repository repository) {
        return !repository.sshHostKeys().isEmpty() || Files.exists(key());
    }

    private Optional<ArrayList<String>> words(Repository repository) {
        return repository.url().sshServer().map(server -> {
            var words = new ArrayList<>(List.of("ssh"));
            if (isSetUp(repository)) {
                words.addAll(List.of("-F", config(server, repository.sshHostKeys())));
            }
            words.addAll(destination(server));
            words.addAll(List.of("-s", "sftp"));
            return words;
        });
    }

    /**
     * restic's messages, with those of ssh if they are lost: restic may end before it has passed all of them on.
     *
     * @param over true once the result is not needed any more
     */
    public String messages(Repository repository, String stderr, BooleanSupplier over) throws InterruptedException {
        if (!stderr.contains(ErrorLines.SSH_ENDED) || ResticFailure.classify(1, stderr) != ResticFailure.NETWORK) {
            return stderr;
        }
        var command = words(repository).map(words -> {
            words.addAll(1, List.of("-o", "BatchMode=yes", "-o", "ConnectTimeout=" + CONNECT_SECONDS));
            return words;
        });
        if (command.isEmpty()) {
            return stderr;
        }
        try {
            return ShortRun.of(searchPath, command.get(), over).messages().stream()
                    .map(line -> ErrorLines.SSH + line + "\n")
                    .collect(Collectors.joining("", "", stderr));
        } catch (IOException e) {
            return ErrorLines.SSH + e.getMessage() + "\n" + stderr;
        }
    }

    /**
     * The agent's public key, as a line of {@code authorized_keys}. Makes the key if there is none.
     *
     * @param over true once the result is not needed any more
     * @throws IOException if there is no key and none can be made
     */
    public synchronized String publicKey(BooleanSupplier over) throws IOException, InterruptedException {
        var publicFile = directory().resolve("id_ed25519.pub");
        if (!Files.exists(key()) || !Files.exists(publicFile)) {
            Files.deleteIfExists(key());
            ShortRun.output(
                    searchPath,
                    List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "restic-fleet", "-f", "" + key()),
                    over);
        }
        return Files.readString(publicFile, StandardCharsets.UTF_8).strip();
    }

    /**
     * The keys that an ssh server shows now, which nobody has confirmed.
     *
     * @param over true once the result is not needed any more
     * @throws IOException if it does not answer
     */
    public List<SshHostKey> hostKeys(RepositoryUrl.SshServer server, BooleanSupplier over)
            throws IOException, InterruptedException {
        var configured = new ArrayList<>(List.of("ssh", "-G"));
        configured.addAll(destination(server));
        var options = ShortRun.output(searchPath, configured, over)
                .lines()
                .map(line -> line.split(" ", 2))
                .filter(option -> option.length == 2)
                .collect(Collectors.toMap(option -> option[0], option -> option[1], (first, second) -> first));
        var host = options.getOrDefault("hostname", server.host());
        var port = options.getOrDefault("port", "22");
        var unreachable = RepositoryProbe.unreachable(new RepositoryUrl.Server(host, Integer.parseInt(port)));
        if (unreachable.isPresent()) {
            throw new IOException(unreachable.get());
        }
        var keys = ShortRun.output(searchPath, List.of("ssh-keyscan", "-T", SCAN_SECONDS, "-p", port, "--", host), over)
                .lines()
                .flatMap(line -> read(line).stream())
                .sorted(Comparator.comparing(key -> key.type().equals("ssh-ed25519") ? "" : key.type()))
                .toList();
        if (keys.isEmpty()) {
            throw new IOException("no ssh server answers there");
        }
        return keys;
    }

    private static Optional<SshHostKey> read(String line) {
        try {
            return Optional.of(new SshHostKey(line));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // a comment, or a kind of key that no repository can have
        }
    }

    private static List<String> destination(RepositoryUrl.SshServer server) {
        return Stream.of(
                        Stream.of(server.host()),
                        server.port().stream().flatMap(port -> Stream.of("-p", "" + port)),
                        server.user().stream().flatMap(user -> Stream.of("-l", user)))
                .flatMap(words -> words)
                .toList();
    }

    /** The first value of an option counts; keys are tried in their order. */
    private String config(RepositoryUrl.SshServer server, List<SshHostKey> hostKeys) {
        var lines = new ArrayList<>(List.of("BatchMode yes"));
        if (!hostKeys.isEmpty()) {
            lines.addAll(List.of(
                    "StrictHostKeyChecking yes",
                    "HostKeyAlias " + server.host(),
                    "UserKnownHostsFile \"" + write("known_hosts", knownHosts(server, hostKeys)) + "\"",
                    "GlobalKnownHostsFile /dev/null",
                    "UpdateHostKeys no"));
        }
        lines.addAll(List.of("Include ~/.ssh/config", "Include /etc/ssh/ssh_config", "Match all"));
        lines.add("ConnectTimeout " + CONNECT_SECONDS_OF_RESTIC);
        Stream.concat(Stream.of(key()), USUAL_KEYS.stream().map(name -> home().resolve(".ssh/" + name)))
                .filter(Files::exists)
                .forEach(file -> lines.add("IdentityFile \"" + file + "\""));
        return write("config", lines);
    }

    private static List<String> knownHosts(RepositoryUrl.SshServer server, List<SshHostKey> hostKeys) {
        return hostKeys.stream()
                .map(key -> server.host() + key.line().substring(key.server().length()))
                .toList();
    }

    private String write(String name, List<String> lines) {
        var file = directory().resolve(name);
        state.write(file, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        return file.toString();
    }

    /** ssh looks up its user's home in the same way. */
    private static Path home() {
        return Path.of(System.getProperty("user.home"));
    }

    private Path key() {
        return directory().resolve("id_ed25519");
    }

    private Path directory() {
        return state.directory("ssh");
    }
}
