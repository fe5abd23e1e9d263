package io.resticfleet.server.live;

/**
 * A part of a page that can change while somebody looks at it.
 *
 * <p>Its template gives its outermost element the id and, as {@code data-v}, the version. The browser is sent versions, and
 * fetches the fragments whose version is not the one it shows.
 *
 * @param id unique in the page; letters, digits and dashes
 * @param model all that the template shows
 * @param version equal for what looks the same, also after a restart of the server
 * @param viewer who looks; makes no other version
 */
public record Fragment<T>(String id, String template, T model, String version, Viewer viewer) {

    /**
     * A fragment with the version of its model's text.
     *
     * @param model its text, as made by {@code toString}, differs whenever it looks different, but for words about time that
     *     the browser keeps up to date by itself
     */
    public Fragment(String id, String template, T model, Viewer viewer) {
        this(id, template, model, Versioned.of(model).version(), viewer);
    }
}
