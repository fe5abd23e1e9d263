package io.resticfleet.server.page.dashboard;

import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.status.Presence;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * A filter for hosts; empty fields match all hosts.
 *
 * @param text part of the name or hostname, in upper or lower case
 * @param tag a tag of one of its schedules
 * @param state {@code needs-you}, {@code offline} or {@code good}
 */
record HostFilter(String text, String tag, String state) {

    static final List<String> STATES = List.of("needs-you", "offline", "good");

    static HostFilter of(String text, String tag, String state) {
        return new HostFilter(text.strip(), tag, STATES.contains(state) ? state : "");
    }

    boolean matches(HostStatus status) {
        return (text.isEmpty()
                        || matchesText(status.host().name())
                        || matchesText(status.host().hostname()))
                && (tag.isEmpty()
                        || status.schedules().stream()
                                .anyMatch(schedule -> schedule.tags().contains(tag)))
                && switch (state) {
                    case "needs-you" -> status.state().needsAttention();
                    case "offline" -> status.presence() == Presence.OFFLINE || status.presence() == Presence.NEVER_SEEN;
                    case "good" -> status.state().good();
                    default -> true;
                };
    }

    private boolean matchesText(String name) {
        return name.toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT));
    }

    boolean isEmpty() {
        return text.isEmpty() && tag.isEmpty() && state.isEmpty();
    }

    /** The same filter with another state. */
    HostFilter withState(String other) {
        return new HostFilter(text, tag, other);
    }

    /** The filter as a URL query, followed by further parameters, such as {@code from=60}. */
    String query(String more) {
        return "?q=" + encode(text) + "&tag=" + encode(tag) + "&state=" + encode(state)
                + (more.isEmpty() ? "" : "&" + more);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
