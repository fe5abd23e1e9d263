package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A path in a snapshot: absolute, with {@code /} between names that are any bytes. Equal if the bytes are.
 *
 * @param path readable, with U+FFFD for what is no UTF-8
 * @param pathBase64 the bytes, if {@code path} is not all of them; it is then only for reading. In JSON left out if absent
 */
public record SnapshotPath(
        String path,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> pathBase64) {

    /** What the snapshot's paths are in. */
    public static final SnapshotPath ROOT = of("/");

    /** More than any system has: 4,096 on Linux. */
    public static final int MAX_BYTES = 32 * 1024;

    /** @throws IllegalArgumentException unless it is an absolute path without empty names, {@code .} and {@code ..} */
    public SnapshotPath {
        pathBase64 = pathBase64 == null ? Optional.empty() : pathBase64;
        var raw = pathBase64.isPresent() ? decode(pathBase64.get()) : RawText.of(path);
        names(raw);
        path = raw.text();
        pathBase64 = raw.base64();
    }

    /** @throws IllegalArgumentException unless it is such a path */
    public static SnapshotPath of(String path) {
        return new SnapshotPath(path, Optional.empty());
    }

    /** @throws IllegalArgumentException unless it is such a path */
    public static SnapshotPath of(RawText raw) {
        return new SnapshotPath(raw.text(), raw.base64());
    }

    /** The path of these names, below each other; the root if there are none. */
    public static SnapshotPath of(List<RawText> names) {
        if (names.isEmpty()) {
            return ROOT;
        }
        var bytes = new ByteArrayOutputStream();
        for (var name : names) {
            bytes.write('/');
            bytes.writeBytes(name.bytes());
        }
        return of(RawText.of(bytes.toByteArray()));
    }

    private static RawText decode(String base64) {
        if (base64.length() > MAX_BYTES * 2) {
            throw tooLong();
        }
        return RawText.ofBase64(base64);
    }

    /** All of it. */
    public RawText raw() {
        return pathBase64.map(RawText::ofBase64).orElseGet(() -> RawText.of(path));
    }

    /** Its names from the root on; none if it is the root. */
    public List<RawText> names() {
        return names(raw());
    }

    /** The last name; absent if it is the root. */
    public Optional<RawText> name() {
        var names = names();
        return names.isEmpty() ? Optional.empty() : Optional.of(names.get(names.size() - 1));
    }

    /** The directory that it is in; absent if it is the root. */
    public Optional<SnapshotPath> parent() {
        var names = names();
        return names.isEmpty() ? Optional.empty() : Optional.of(of(names.subList(0, names.size() - 1)));
    }

    /** The path of this name in it. */
    public SnapshotPath child(RawText name) {
        var names = new ArrayList<>(names());
        names.add(name);
        return of(names);
    }

    /** Whether it is the other one, or below it. */
    public boolean startsWith(SnapshotPath other) {
        var names = names();
        var others = other.names();
        return names.size() >= others.size() && names.subList(0, others.size()).equals(others);
    }

    private static List<RawText> names(RawText raw) {
        if (raw.length() > MAX_BYTES) {
            throw tooLong();
        }
        var bytes = raw.bytes();
        if (bytes.length == 0 || bytes[0] != '/') {
            throw new IllegalArgumentException("a path must be absolute, starting with /");
        }
        var names = new ArrayList<RawText>();
        int start = 1;
        for (int i = 1; i <= bytes.length && bytes.length > 1; i++) {
            if (i == bytes.length || bytes[i] == '/') {
                var name = RawText.of(Arrays.copyOfRange(bytes, start, i));
                if (!name.isName()) {
                    throw new IllegalArgumentException("a path has no empty names, and neither . nor .. as a name");
                }
                names.add(name);
                start = i + 1;
            }
        }
        return names;
    }

    private static IllegalArgumentException tooLong() {
        return new IllegalArgumentException("a path has at most " + MAX_BYTES + " bytes");
    }

    @Override
    public String toString() {
        return path;
    }
}
