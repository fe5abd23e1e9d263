package io.resticfleet.server.page.hostsettings;

import io.resticfleet.server.page.text.English;
import io.resticfleet.server.upgrade.BundledAgent;
import io.resticfleet.server.upgrade.HostUpgrade;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The agents that are older than the one that this server carries.
 *
 * @param offer the agent that this server carries; absent if it was built without it
 * @param possible number of agents that this server can upgrade now
 * @param paused number of agents whose upgrade waits for a click, as the server was restarted
 */
public record AgentsNote(Optional<BundledAgent> offer, List<HostUpgrade> outdated, long possible, int paused) {

    public AgentsNote {
        outdated = List.copyOf(outdated);
    }

    public String words() {
        if (offer.isEmpty()) {
            return "This server was built without an agent.";
        }
        var newest = "older than " + offer.get().version() + ", the version that this server carries.";
        if (outdated.isEmpty()) {
            return "No agent is " + newest;
        }
        return English.count(outdated.size(), "agent") + (outdated.size() == 1 ? " is " : " are ") + newest;
    }

    /** Why agents wait for a click; empty if none does. */
    public String pausedWords() {
        return paused == 0
                ? ""
                : "The upgrade of all agents was interrupted by a restart of the server. "
                        + English.count(paused, "agent") + (paused == 1 ? " waits" : " wait")
                        + " until you continue.";
    }

    /** The state of an older agent: a sentence without a full stop. */
    public static String words(HostUpgrade host) {
        var progress = UpgradeNote.progress(host);
        var words = host.refusal().orElse(progress.isEmpty() ? "Can be upgraded" : progress);
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }
}
