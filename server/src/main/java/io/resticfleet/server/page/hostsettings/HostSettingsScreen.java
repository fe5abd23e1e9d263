package io.resticfleet.server.page.hostsettings;

import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.host.HostFrame;
import io.resticfleet.server.page.text.Figures;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a host is, and what can be changed of it.
 *
 * @param policy what its owner allows there; absent until its agent has told
 * @param name in the form
 * @param wrong by field: what is wrong with it
 */
record HostSettingsScreen(
        HostFrame frame,
        Host host,
        Optional<HostPolicy> policy,
        String name,
        Map<String, String> wrong,
        Fragment<UpgradeNote> upgrade)
        implements PageModel {

    /** How far its clock is from ours, in words. */
    String clock() {
        return host.clockSkewMs()
                .map(skew -> Math.abs(skew) < 2_000
                        ? "as ours"
                        : Figures.duration(java.time.Duration.ofMillis(Math.abs(skew)))
                                + (skew > 0 ? " fast" : " slow"))
                .orElse("not known");
    }

    @Override
    public String template() {
        return "hostsettings/page.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return List.of(frame.head(), upgrade);
    }
}
