package io.resticfleet.server.page.hostsettings;

import io.resticfleet.server.page.text.English;
import io.resticfleet.server.upgrade.BundledAgent;
import io.resticfleet.server.upgrade.HostUpgrade;
import java.util.List;
import java.util.Optional;

/**
 * The agents that are older than this server's.
 *
 * @param offer what this server carries; absent if it was built without
 * @param possible how many of them can be upgraded from here now
 */
public record AgentsNote(Optional<BundledAgent> offer, List<HostUpgrade> outdated, long possible) {

    public AgentsNote {
        outdated = List.copyOf(outdated);
    }

    public String words() {
        if (offer.isEmpty()) {
            return "This server was built without an agent to hand out.";
        }
        var newest = "older than this server's, which is " + offer.get().version() + ".";
        if (outdated.isEmpty()) {
            return "No agent is " + newest;
        }
        return English.count(outdated.size(), "agent") + (outdated.size() == 1 ? " is " : " are ") + newest;
    }

    /** How one of them is, in a word or a sentence. */
    public static String words(HostUpgrade host) {
        return host.refusal()
                .orElseGet(() -> host.state().orElse("can be upgraded")
                        + host.detail().map(detail -> ": " + detail).orElse(""));
    }
}
