package io.resticfleet.server.auth;

import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.secret.Tokens;
import io.resticfleet.server.web.ClientAddress;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Creates the first user, who must present a token that only the operator knows. Works once.
 *
 * <p>A generated token is stored in a file until it is used. Safe for use by many threads.
 */
public final class Bootstrap {

    private static final Duration WINDOW = Duration.ofMinutes(15);
    private static final int MAX_ATTEMPTS = 10;

    private final Users users;
    private final Path file;
    private final Optional<String> token;
    private final InstantSource clock;
    private final Attempts attempts = new Attempts(MAX_ATTEMPTS, WINDOW);

    private Bootstrap(Users users, Path file, Optional<String> token, InstantSource clock) {
        this.users = users;
        this.file = file;
        this.token = token;
        this.clock = clock;
    }

    /**
     * Reads the token, or generates one. If a user exists, deletes the token's file.
     *
     * @param dataDirectory directory of {@code bootstrap-token}; must exist
     * @param chosen the operator's token; generated if absent
     * @param announce receives one line for the operator, if there is no user yet
     * @throws OperatorError if the file can be neither read nor written
     */
    public static Bootstrap open(
            Path dataDirectory, Optional<String> chosen, Users users, InstantSource clock, Consumer<String> announce) {
        var file = dataDirectory.resolve("bootstrap-token");
        try {
            if (users.any()) {
                Files.deleteIfExists(file);
                return new Bootstrap(users, file, Optional.empty(), clock);
            }
            if (chosen.isPresent()) {
                announce.accept(
                        "no user yet: open the page and create the first with the bootstrap token that was set");
                return new Bootstrap(users, file, chosen, clock);
            }
            if (Files.exists(file)) {
                announce.accept("no user yet: open the page and create the first with the bootstrap token in " + file);
                return new Bootstrap(
                        users, file, Optional.of(Files.readString(file).strip()), clock);
            }
            var generated = Tokens.mint("");
            write(file, generated);
            announce.accept("no user yet: open the page and create the first with the bootstrap token " + generated
                    + " (stored in " + file + " until used)");
            return new Bootstrap(users, file, Optional.of(generated), clock);
        } catch (IOException e) {
            throw new OperatorError("cannot store the bootstrap token in " + file + ": " + e.getMessage(), e);
        }
    }

    /** Whether there is no user yet. */
    boolean isOpen() {
        return token.isPresent() && !users.any();
    }

    /**
     * Creates the first user. Does not sign in.
     *
     * @throws TooManyAttempts with the time to wait
     * @throws Problem 409 {@code already_bootstrapped}, 401 {@code bad_token}, 400 {@code invalid_username}, 400 {@code
     *     weak_password}
     */
    User run(ClientAddress address, String presented, String username, String password) {
        if (!isOpen()) {
            throw Users.alreadyBootstrapped();
        }
        attempts.make(address.site(), clock.instant()).ifPresent(wait -> {
            throw new TooManyAttempts(wait);
        });
        if (!Tokens.same(token.get(), presented)) {
            throw Problem.unauthenticated("bad_token", "this is not the bootstrap token");
        }
        attempts.forget(address.site());
        var user = users.addFirst(
                new Actor("bootstrap", Optional.of(address.value())),
                Requests.valid("username", "invalid_username", Username::new, username),
                Requests.valid("password", "weak_password", NewPassword::new, password));
        removeFile();
        return user;
    }

    private void removeFile() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the first user was created, but the file of the bootstrap token cannot be deleted", e);
        }
    }

    private static void write(Path file, String token) throws IOException {
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var channel = Files.newByteChannel(file, options, ownerOnly)) {
            channel.write(StandardCharsets.US_ASCII.encode(token + "\n"));
        }
    }
}
