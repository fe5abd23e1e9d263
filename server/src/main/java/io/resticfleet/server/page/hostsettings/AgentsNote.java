package io.resticfleet.server.page.hostsettings;

import io.resticfleet.server.page.text.English;
import io.resticfleet.server.upgrade.BundledAgent;
import io.resticfleet.server.upgrade.HostUpgrade;
import java.util.List;
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

    /** The state of one agent: a word, or a sentence. */
    public static String words(HostUpgrade host) {
        return host.refusal()
                .orElseGet(() -> host.state().orElse("can be upgraded")
                        + host.detail().map(detail -> ": " + detail).orElse(""));
    }
}
