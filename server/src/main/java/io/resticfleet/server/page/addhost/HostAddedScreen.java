package io.resticfleet.server.page.addhost;

import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.frame.Frame;
import java.time.Instant;
import java.util.List;

/**
 * What is to be done on the machine that is to be added.
 *
 * @param command to be typed there; empty when the page is looked at a second time
 * @param warnings what will go wrong with it, in sentences
 * @param repoPassword shown once, if it was made here
 * @param live path where this page is kept up to date
 * @param manual whether paths were given, which become a manual schedule
 */
record HostAddedScreen(
        Frame frame,
        String command,
        List<String> warnings,
        String repoPassword,
        boolean manual,
        String live,
        Fragment<Arrival> arrival)
        implements PageModel {

    /**
     * Whether it has come.
     *
     * @param hostId empty until it has joined
     * @param online whether its agent is connected
     */
    record Arrival(String hostId, String name, boolean online, boolean expired, Instant expiresAt) {}

    @Override
    public String template() {
        return "addhost/added.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return List.of(arrival);
    }
}
