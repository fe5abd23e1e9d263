package io.resticfleet.server.page.hostsettings;

import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.HostExpectations;
import io.resticfleet.server.host.HostQuota;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.host.HostFrame;
import io.resticfleet.server.page.text.Figures;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A host's settings.
 *
 * @param policy what its owner allows; absent until the agent has reported it
 * @param quota what it may add in a day, and has today
 * @param name value of the form field
 * @param wrong error messages by field
 */
record HostSettingsScreen(
        HostFrame frame,
        Host host,
        Optional<HostPolicy> policy,
        HostQuota quota,
        String name,
        Map<String, String> wrong,
        Fragment<UpgradeNote> upgrade,
        Trust trust,
        DrillNote drill,
        HostExpectations expected)
        implements PageModel {

    /** Difference between its clock and the server's, in words. */
    String clock() {
        return host.clockSkewMs()
                .map(skew -> Math.abs(skew) < 2_000
                        ? "same as the server's"
                        : Figures.duration(java.time.Duration.ofMillis(Math.abs(skew)))
                                + (skew > 0 ? " ahead of the server's" : " behind the server's"))
                .orElse("unknown");
    }

    /** What it has added today, in words. */
    String today() {
        return Figures.count(quota.jobs(), "job", "jobs") + " and " + Figures.bytes(quota.logBytes())
                + " of logs; the limit is "
                + Figures.count(quota.jobsLimit(), "job", "jobs") + " besides those that are due, and "
                + Figures.bytes(quota.logBytesLimit()) + " of logs";
    }

    /** What it sent today and was not stored, as sentences; empty if everything was. */
    String dropped() {
        return (quota.jobsDropped() == 0
                        ? ""
                        : Figures.count(quota.jobsDropped(), "reported job", "reported jobs")
                                + " beyond the limit counted, but not stored. ")
                + (quota.logBytesDropped() == 0
                        ? ""
                        : Figures.bytes(quota.logBytesDropped()) + " of logs beyond the limit dropped. ")
                + (quota.unstorable() == 0
                        ? ""
                        : Figures.count(quota.unstorable(), "result", "results")
                                + " that can never be stored set aside: "
                                + quota.unstorableReason().orElse("") + ".");
    }

    @Override
    public String template() {
        return "hostsettings/page.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return frame.and(upgrade);
    }
}
