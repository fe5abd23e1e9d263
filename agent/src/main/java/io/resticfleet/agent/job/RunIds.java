package io.resticfleet.agent.job;

import io.resticfleet.agent.state.StateDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The ids of runs that come due: the same for the same schedule and time, so that firing twice is firing once, after a
 * crash between the journal and the planner's own note.
 *
 * <p>A secret goes in, for schedule and time can be read in a shared repository: nobody else may know the id beforehand
 * and take it for a job of his own. A clone has that secret too, so what tells machines apart goes in as well, and, from
 * the time on at which the server has told of a clone that lives, another secret of each.
 *
 * <p>Safe for use by many threads.
 */
public final class RunIds {

    private static final System.Logger log = System.getLogger(RunIds.class.getName());
    private static final String FILE = "run-id-secret";
    private static final String APART = "twin.json";
    private static final int SECRET_BYTES = 32;

    /** Stay the same over reboots; a cloned machine has others of the second at least, unless it is a container. */
    private static final List<Path> MACHINE =
            List.of(Path.of("/etc/machine-id"), Path.of("/sys/class/dmi/id/product_uuid"));

    private final StateDirectory state;
    private final byte[] secret;
    private final String machine;
    private Optional<Apart> apart;

    /**
     * What sets this machine apart from its clone.
     *
     * @param notice which of the server's notices it was made for
     * @param from due times from then on have ids of their own; those before keep what they had
     * @param secret Base64
     */
    record Apart(Instant notice, Instant from, String secret) {}

    private RunIds(StateDirectory state, byte[] secret, String machine) {
        this.state = state;
        this.secret = secret;
        this.machine = machine;
        this.apart = apart(state);
    }

    /** Of a machine and its clone that were told apart before, this one has to be told again. */
    private static Optional<Apart> apart(StateDirectory state) {
        try {
            return state.readJson(APART, Apart.class);
        } catch (StateDirectory.DamagedFile e) {
            log.log(Level.ERROR, "what sets this machine apart from its clone was lost: " + e.getMessage());
            state.setAside(state.root().resolve(APART));
            return Optional.empty();
        }
    }

    /** With the secret of this state directory, which is made at the first time, on this machine. */
    public static RunIds open(StateDirectory state) {
        return open(state, MACHINE.stream().map(RunIds::read).collect(Collectors.joining()));
    }

    static RunIds open(StateDirectory state, String machine) {
        var file = state.root().resolve(FILE);
        try {
            var held = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
            if (held.length != SECRET_BYTES) {
                held = random();
                state.write(file, held);
            }
            return new RunIds(state, held, machine);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** Another machine lives that has this state directory: due times from now on get ids that it cannot have. */
    public synchronized void setApart(Instant notice, Instant now) {
        if (apart.filter(known -> known.notice().equals(notice)).isEmpty()) {
            var made = new Apart(notice, now, Base64.getEncoder().encodeToString(random()));
            state.writeJson(APART, made);
            apart = Optional.of(made);
        }
    }

    /** Whether the server has ever told of a clone: then some of what it knows of this machine came from there. */
    public synchronized boolean hasClone() {
        return apart.isPresent();
    }

    /** @param life how often the clock had been set back before */
    synchronized String of(String scheduleId, Instant dueAt, int life) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(secret);
        apart.filter(known -> !dueAt.isBefore(known.from()))
                .ifPresent(known -> bytes.writeBytes(Base64.getDecoder().decode(known.secret())));
        bytes.writeBytes(
                (machine + scheduleId + "@" + dueAt + (life == 0 ? "" : "#" + life)).getBytes(StandardCharsets.UTF_8));
        return Ids.derived(dueAt, bytes.toByteArray());
    }

    private static byte[] random() {
        var bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    /** Nothing where there is no such file, or none that this agent may read. */
    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
