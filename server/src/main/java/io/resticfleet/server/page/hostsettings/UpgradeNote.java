package io.resticfleet.server.page.hostsettings;

import io.resticfleet.server.upgrade.BundledAgent;
import io.resticfleet.server.upgrade.HostUpgrade;
import java.util.Optional;

/**
 * The version of a host's agent, and how to upgrade it.
 *
 * @param offer the agent that this server carries; absent if it was built without it
 * @param line install command for the machine, in case the server cannot upgrade the agent
 */
record UpgradeNote(HostUpgrade host, Optional<BundledAgent> offer, String line) {

    /** One sentence. */
    String words() {
        if (!host.outdated()) {
            return offer.isPresent()
                    ? "Up to date with this server"
                    : "This server was built without an agent, so it cannot tell whether this one is up to date";
        }
        return "Older than this server's agent, version " + offer.orElseThrow().version();
    }

    /** State of the last upgrade; empty if there was none, or it succeeded. */
    String progress() {
        return progress(host);
    }

    static String progress(HostUpgrade host) {
        var detail = host.detail().map(words -> ": " + words).orElse("");
        return switch (host.state().orElse("")) {
            case "ordered" -> "Upgrade to " + host.version().orElse("") + " requested" + detail;
            case "working" -> "Upgrading to " + host.version().orElse("") + detail;
            case "failed" -> "The upgrade to " + host.version().orElse("") + " failed" + detail;
            default -> "";
        };
    }

    String tone() {
        return host.state().equals(Optional.of("failed")) ? "bad" : "warn";
    }
}
