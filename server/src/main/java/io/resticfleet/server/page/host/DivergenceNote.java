package io.resticfleet.server.page.host;

import io.resticfleet.server.divergence.DivergedHost;
import java.util.List;

/**
 * The question which schedules should apply after the database was restored from an older copy.
 *
 * @param action URL that the decision is sent to
 * @param waiting hosts without a decision; empty if there are none
 */
public record DivergenceNote(String action, List<DivergedHost> waiting) {

    /** The id of the fragment. */
    public static final String ID = "restored";

    public static final String TEMPLATE = "host/divergence.jte";

    String words() {
        return waiting.size() == 1
                ? "One machine may have newer schedules than this server: "
                        + waiting.get(0).reason()
                : waiting.size()
                        + " machines may have newer schedules than this server, whose database was restored from an"
                        + " older copy";
    }
}
