package io.resticfleet.server.page.host;

import io.resticfleet.server.divergence.DivergedHost;
import java.util.List;

/**
 * What is to be decided after the database was put back from a copy.
 *
 * @param action where the decision is sent
 * @param waiting machines; empty if there is nothing to decide
 */
public record DivergenceNote(String action, List<DivergedHost> waiting) {

    /** The id of the fragment. */
    public static final String ID = "restored";

    public static final String TEMPLATE = "host/divergence.jte";

    String words() {
        return waiting.size() == 1
                ? "One machine may hold newer schedules than this server: "
                        + waiting.get(0).reason()
                : waiting.size()
                        + " machines may hold newer schedules than this server, whose database was put back from a"
                        + " copy";
    }
}
