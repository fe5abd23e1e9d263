package io.resticfleet.server.live;

import java.util.OptionalLong;
import java.util.Set;

/**
 * The requested part of a page.
 *
 * @param fragments ids of the requested ones; empty for the whole page
 * @param after number of the last line of the page's tail that the browser has; absent if lines are not requested
 */
public record Look(Set<String> fragments, OptionalLong after) {

    static final Look WHOLE_PAGE = new Look(Set.of(), OptionalLong.empty());

    public boolean wholePage() {
        return fragments.isEmpty();
    }

    /** Whether the content of a fragment is requested, and not only its version. */
    public boolean shows(String id) {
        return wholePage() || after.isEmpty() && fragments.contains(id);
    }
}
