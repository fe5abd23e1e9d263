package io.resticfleet.server.schedule;

import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.Violation;
import io.resticfleet.protocol.WellFormedText;
import io.resticfleet.server.web.Problem;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/** How to treat a schedule's name that another schedule of its host has. */
public enum Naming {
    /** Refuse it, since the operator chose it. */
    REFUSE_TAKEN {
        @Override
        String name(String wanted, Collection<String> taken) {
            if (taken.contains(wanted)) {
                throw Problem.conflict(List.of(new Violation(
                        "name",
                        "name_taken",
                        "another schedule of this host is named '" + wanted + "'; choose another name")));
            }
            return wanted;
        }
    },

    /** Append a number, as in "backup 2". */
    NUMBER_TAKEN {
        @Override
        String name(String wanted, Collection<String> taken) {
            var stem = WellFormedText.prefix(wanted, Schedule.MAX_NAME - NUMBER_WIDTH);
            return taken.contains(wanted)
                    ? IntStream.iterate(2, number -> number + 1)
                            .mapToObj(number -> stem + " " + number)
                            .filter(name -> !taken.contains(name))
                            .findFirst()
                            .orElseThrow()
                    : wanted;
        }
    };

    /** Characters reserved for the number after a long name. */
    private static final int NUMBER_WIDTH = 10;

    /**
     * Returns a free name.
     *
     * @param taken names of the host's other schedules
     * @throws Problem 409 {@code name_taken}
     */
    abstract String name(String wanted, Collection<String> taken);
}
