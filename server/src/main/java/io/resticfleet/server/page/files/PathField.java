package io.resticfleet.server.page.files;

import io.resticfleet.protocol.SnapshotPath;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A path of a snapshot in addresses and forms.
 *
 * @param name {@code path}, or {@code path_base64} for a path that is no UTF-8, that browsers would change, or that is too
 *     long
 */
record PathField(String name, String value) {

    static final String TEXT = "path";
    static final String BASE64 = "path_base64";

    /** The first line of a request has at most 8 KiB. */
    private static final int MAX_ESCAPED = 5_000;

    static PathField of(SnapshotPath path) {
        // Browsers send line breaks of form fields as CRLF.
        return path.pathBase64().isPresent()
                        || path.path().chars().anyMatch(Character::isISOControl)
                        || escaped(path.path()).length() > MAX_ESCAPED
                ? new PathField(
                        BASE64, Base64.getEncoder().encodeToString(path.raw().bytes()))
                : new PathField(TEXT, path.path());
    }

    /** Such as {@code path=/etc/hosts}. */
    String query() {
        return name + "=" + escaped(value).replace("%2F", "/");
    }

    static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
