package io.resticfleet.server.live;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * A part of a page that can change while somebody looks at it.
 *
 * <p>Its template gives its outermost element the id and, as {@code data-v}, the version. The browser is told versions,
 * and fetches the pieces whose version is not the one it shows.
 *
 * @param id unique in the page; letters, digits and dashes
 * @param model all that the template shows; its text, as made by {@code toString}, differs whenever it looks different,
 *     but for words about time that the browser keeps up to date by itself
 * @param viewer who looks; makes no other version
 */
public record Fragment<T>(String id, String template, T model, Viewer viewer) {

    /** Equal for what looks the same, also after the server has started anew. */
    public String version() {
        var crc = new CRC32();
        crc.update(String.valueOf(model).getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(crc.getValue());
    }
}
