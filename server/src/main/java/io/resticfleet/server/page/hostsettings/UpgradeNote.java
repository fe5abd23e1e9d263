package io.resticfleet.server.page.hostsettings;

import io.resticfleet.server.upgrade.BundledAgent;
import io.resticfleet.server.upgrade.HostUpgrade;
import java.util.Optional;

/**
 * Whether a host's agent is as new as this server's, and what can be done if not.
 *
 * @param offer what this server carries
 * @param line what to run on the machine instead, where it cannot be done from here
 */
record UpgradeNote(HostUpgrade host, Optional<BundledAgent> offer, String line) {

    /** One sentence. */
    String words() {
        if (!host.outdated()) {
            return offer.isPresent()
                    ? "As new as this server's"
                    : "This server was built without an agent to compare with";
        }
        return "Older than this server's, which is " + offer.orElseThrow().version();
    }

    /** How the last upgrade went, or is going; empty if there was none, or it went well. */
    String progress() {
        var detail = host.detail().map(words -> ": " + words).orElse("");
        return switch (host.state().orElse("")) {
            case "ordered" -> "The agent was told to become " + host.version().orElse("") + detail;
            case "working" -> "The agent is becoming " + host.version().orElse("") + detail;
            case "failed" -> "The upgrade to " + host.version().orElse("") + " failed" + detail;
            default -> "";
        };
    }

    String tone() {
        return host.state().equals(Optional.of("failed")) ? "bad" : "warn";
    }
}
