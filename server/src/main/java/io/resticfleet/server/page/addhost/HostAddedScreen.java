package io.resticfleet.server.page.addhost;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.frame.Frame;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The install command for a new machine.
 *
 * @param command to be run on the machine; empty when the page is opened again
 * @param warnings sentences about what will go wrong
 * @param repoPassword shown once, if it was generated
 * @param live path of the live version of this page
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
     * Whether the machine has enrolled and connected.
     *
     * @param hostId empty until it is enrolled
     * @param online whether its agent is connected
     */
    record Arrival(Optional<HostId> hostId, String name, boolean online, boolean expired, Instant expiresAt) {}

    @Override
    public String template() {
        return "addhost/added.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return List.of(arrival);
    }
}
