package io.resticfleet.server.schedule;

import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.Wire;
import io.resticfleet.server.web.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * The size of a host's schedule set, which its agent must hold in a small heap.
 *
 * @param bytes of its message to the agent, in UTF-8
 */
record SetSize(int schedules, long bytes) {

    static SetSize of(ToAgent.ScheduleSet set) {
        return new SetSize(set.schedules().size(), Wire.encode(set).getBytes(StandardCharsets.UTF_8).length);
    }

    /** Why no agent accepts such a set; empty if it is small enough. */
    Optional<String> problem() {
        if (schedules > Protocol.MAX_SCHEDULES) {
            return Optional.of("a machine has at most " + Protocol.MAX_SCHEDULES + " schedules; delete one first");
        }
        return bytes <= Protocol.MAX_SET_BYTES
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "all schedules of a machine together have at most %,d bytes, and these have %,d; shorten the lists of"
                                + " paths and excludes",
                        Protocol.MAX_SET_BYTES,
                        bytes));
    }

    /** @throws Problem 409 {@code set_too_large}, unless the set was larger before */
    void refuseIfTooLarge(SetSize before) {
        boolean smaller = schedules <= before.schedules && bytes <= before.bytes;
        problem().filter(reason -> !smaller).ifPresent(reason -> {
            throw Problem.conflict("set_too_large", reason);
        });
    }
}
