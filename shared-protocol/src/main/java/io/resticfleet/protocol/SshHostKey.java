package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * A key of an SSH server, as a line of {@code known_hosts}: the server's name, the type of the key and the key, such as
 * {@code [nas]:2222 ssh-ed25519 AAAA…}.
 */
public record SshHostKey(@JsonValue String line) {

    private static final Pattern LINE = Pattern.compile("(\\[[A-Za-z0-9._:%-]+]:\\d{1,5}|[A-Za-z0-9._:%-]+)"
            + " ((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+) (AAAA[A-Za-z0-9+/]+={0,3})");

    /** @throws IllegalArgumentException if it is no such line; markers and comments are not accepted */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public SshHostKey {
        if (line.length() > Limit.LINE || !LINE.matcher(line).matches() || !isBase64(part(line, 3))) {
            throw new IllegalArgumentException(
                    "a host key is one line: the server's name, the type of the key and the key, as in known_hosts");
        }
    }

    /** The server, as in {@code known_hosts}: with brackets and port if that is not 22. */
    public String server() {
        return part(line, 1);
    }

    /** Such as {@code ssh-ed25519}. */
    public String type() {
        return part(line, 2);
    }

    /** As {@code ssh} shows it: {@code SHA256:} and 43 characters. */
    public String fingerprint() {
        try {
            var hash = MessageDigest.getInstance("SHA-256")
                    .digest(Base64.getDecoder().decode(part(line, 3)));
            return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static boolean isBase64(String text) {
        try {
            return Base64.getDecoder().decode(text).length > 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String part(String line, int group) {
        var matcher = LINE.matcher(line);
        return matcher.matches() ? matcher.group(group) : "";
    }

    @Override
    public String toString() {
        return line;
    }
}
