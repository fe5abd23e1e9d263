package io.resticfleet.server.live;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * The model of a fragment with its version, computed once and shown to many viewers.
 *
 * @param version see {@link Fragment}
 */
public record Versioned<T>(T model, String version) {

    /** The version is a checksum of the model's text. */
    public static <T> Versioned<T> of(T model) {
        var crc = new CRC32();
        crc.update(String.valueOf(model).getBytes(StandardCharsets.UTF_8));
        return new Versioned<>(model, Long.toHexString(crc.getValue()));
    }

    public Fragment<T> as(String id, String template, Viewer viewer) {
        return new Fragment<>(id, template, model, version, viewer);
    }
}
