package io.resticfleet.server.live;

/**
 * A part of a page that can change while the page is open.
 *
 * <p>Its template sets the id and, as {@code data-v}, the version on its outermost element. The browser receives versions,
 * and fetches the fragments whose version differs from the one it shows.
 *
 * @param id unique in the page; letters, digits and dashes
 * @param model all data that the template shows
 * @param version equal for equal content, also after a restart of the server
 * @param viewer does not affect the version
 */
public record Fragment<T>(String id, String template, T model, String version, Viewer viewer) {

    /**
     * A fragment with the version of its model's text.
     *
     * @param model its {@code toString} differs whenever its content does, except for relative times, which the browser
     *     updates itself
     */
    public Fragment(String id, String template, T model, Viewer viewer) {
        this(id, template, model, Versioned.of(model).version(), viewer);
    }
}
