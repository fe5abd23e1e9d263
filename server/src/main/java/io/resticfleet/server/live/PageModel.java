package io.resticfleet.server.live;

import java.util.List;
import java.util.Optional;

/**
 * All data that a page shows, read at one moment, so that nothing is read while the template renders. The model of the page's
 * template.
 */
public interface PageModel {

    /** The template of the whole page. */
    String template();

    /** The parts that can change while the page is open. */
    List<Fragment<?>> fragments();

    /** New lines at the end of the page, such as of a log, if {@link Look#after} requests them. */
    default Optional<Tail> tail() {
        return Optional.empty();
    }

    /**
     * Content to append to an element.
     *
     * @param into id of the element
     * @param last number of the last line in it
     */
    record Tail(String into, long last, String template, Object model) {}
}
