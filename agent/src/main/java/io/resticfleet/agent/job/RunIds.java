package io.resticfleet.agent.job;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.ScheduleId;
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
 * The ids of runs for due times: the same for the same schedule and due time, so that a run is started only once even
 * after a crash between the journal's and the planner's write.
 *
 * <p>An id is derived from a secret too, as schedule and time can be read in a shared repository: no other host may
 * predict the id and use it for a job of its own. A clone has the same secret, so ids also depend on the machine, and,
 * once the server has reported a clone, on a further secret of each.
 *
 * <p>Safe for use by many threads.
 */
public final class RunIds {

    private static final System.Logger log = System.getLogger(RunIds.class.getName());
    private static final String FILE = "run-id-secret";
    private static final String CLONE_SECRET = "twin.json";
    private static final int SECRET_BYTES = 32;

    /** Constant across reboots. A cloned machine differs at least in the second, unless it is a container. */
    private static final List<Path> MACHINE =
            List.of(Path.of("/etc/machine-id"), Path.of("/sys/class/dmi/id/product_uuid"));

    private final StateDirectory state;
    private final byte[] secret;
    private final String machine;
    private Optional<CloneSecret> cloneSecret;

    /**
     * Makes this machine's ids differ from its clone's.
     *
     * @param notice time in the server's notice that it answers
     * @param from applies to due times from then on; earlier ones keep their ids
     * @param secret Base64
     */
    record CloneSecret(Instant notice, Instant from, String secret) {}

    private RunIds(StateDirectory state, byte[] secret, String machine) {
        this.state = state;
        this.secret = secret;
        this.machine = machine;
        this.cloneSecret = cloneSecret(state);
    }

    /** Reads the stored record; without it, the server's next notice makes a new one. */
    private static Optional<CloneSecret> cloneSecret(StateDirectory state) {
        try {
            return state.readJson(CLONE_SECRET, CloneSecret.class);
        } catch (StateDirectory.DamagedFile e) {
            log.log(
                    Level.ERROR,
                    "the secret that distinguishes this machine from its clone was lost: " + e.getMessage());
            state.setAside(state.root().resolve(CLONE_SECRET));
            return Optional.empty();
        }
    }

    /** Uses the secret in the state directory, which the first start creates. */
    public static RunIds open(StateDirectory state) {
        return open(state, MACHINE.stream().map(RunIds::read).collect(Collectors.joining()));
    }

    static RunIds open(StateDirectory state, String machine) {
        var file = state.root().resolve(FILE);
        try {
            var content = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
            if (content.length != SECRET_BYTES) {
                content = random();
                state.write(file, content);
            }
            return new RunIds(state, content, machine);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** Makes ids of due times from now on differ from those of a clone, which has a copy of this state directory. */
    public synchronized void distinguishFromClone(Instant notice, Instant now) {
        if (cloneSecret.filter(known -> known.notice().equals(notice)).isEmpty()) {
            var made = new CloneSecret(notice, now, Base64.getEncoder().encodeToString(random()));
            state.writeJson(CLONE_SECRET, made);
            cloneSecret = Optional.of(made);
        }
    }

    /** Whether the server has ever reported a clone, so that some of its data about this machine may come from that. */
    public synchronized boolean hasClone() {
        return cloneSecret.isPresent();
    }

    /** @param life how often the clock was set back before */
    synchronized JobId of(ScheduleId scheduleId, Instant dueAt, int life) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(secret);
        cloneSecret
                .filter(known -> !dueAt.isBefore(known.from()))
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

    /** Content of a file; empty if it does not exist or cannot be read. */
    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
