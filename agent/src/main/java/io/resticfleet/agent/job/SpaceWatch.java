package io.resticfleet.agent.job;

import io.resticfleet.agent.restore.FreeSpace;
import io.resticfleet.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Keeps a restore from filling the disk, before it begins and while it runs. Not safe for use by more than one thread. */
final class SpaceWatch {

    private final FreeSpace space;
    private final Path place;
    private boolean stopped;

    /** @param place exists, on the disk that is watched */
    SpaceWatch(FreeSpace space, Path place) {
        this.space = space;
        this.place = place;
    }

    /** The failure if there is not enough space. */
    Optional<Outcome> lack(long needed) throws IOException {
        var now = space.of(place);
        return now.usable() - needed >= now.floor()
                ? Optional.empty()
                : Optional.of(Outcome.failed(
                        ErrorCode.NO_SPACE,
                        "nothing was restored: " + gibibytes(needed) + " are needed at " + place + " and "
                                + gibibytes(now.floor()) + " must stay free there, but only " + gibibytes(now.usable())
                                + " are free"));
    }

    /** Whether restic has to be stopped; true from then on. Half of what must stay free is there for what was not foreseen. */
    boolean isScarce() {
        try {
            var now = space.of(place);
            stopped = stopped || now.usable() < now.floor() / 2;
        } catch (IOException e) {
            return stopped; // restic fails by itself
        }
        return stopped;
    }

    boolean stopped() {
        return stopped;
    }

    private static String gibibytes(long bytes) {
        return bytes < 1L << 30
                ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1L << 20))
                : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
    }
}
