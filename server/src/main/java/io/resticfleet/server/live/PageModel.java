package io.resticfleet.server.live;

import java.util.List;
import java.util.Optional;

/**
 * All that a page shows, read at one moment, so that nothing is read while the template renders. It is the model of its own
 * template.
 */
public interface PageModel {

    /** Of the whole page. */
    String template();

    /** What can change while somebody looks. */
    List<Fragment<?>> fragments();

    /** What has been added to the page's growing end, where it has one and {@link Look#after} asks for it. */
    default Optional<Tail> tail() {
        return Optional.empty();
    }

    /**
     * Something to be added to the end of an element.
     *
     * @param into id of the element
     * @param last number of the last line in it
     */
    record Tail(String into, long last, String template, Object model) {}
}
