package io.resticfleet.server.live;

import java.util.OptionalLong;
import java.util.Set;

/**
 * How much of a page is asked for.
 *
 * @param fragments ids of those that are of interest; empty for the whole page
 * @param after number of the last line that the reader has of the page's growing end; absent unless it wants what came after
 */
public record Look(Set<String> fragments, OptionalLong after) {

    static final Look WHOLE_PAGE = new Look(Set.of(), OptionalLong.empty());

    public boolean wholePage() {
        return fragments.isEmpty();
    }
}
