package io.resticfleet.protocol.listing;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.RawText;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Writes a listing: gzip of lines, each a JSON object. First the header; then a line for each file, where a directory is
 * followed by its content, sorted by the bytes of the names; then {@code {"end":n}} with the number of lines between.
 *
 * <p>Fields of a file: {@code d} depth, {@code n} name, or {@code b} name in base64; {@code t} type: {@code f} file, {@code d}
 * directory, {@code l} symbolic link, {@code b} and {@code c} devices, {@code p} pipe, {@code s} socket, {@code o} other;
 * {@code s} size; {@code m} time in seconds since 1970, {@code f} its nanoseconds; {@code p} mode; {@code u}, {@code g} numbers
 * and {@code un}, {@code gn} names of user and group; {@code l} link target, or {@code lb} in base64; {@code k} number of
 * links. What is 0 or empty is left out, and {@code k} if it is 1 of what is no directory.
 */
public final class ListingWriter implements AutoCloseable {

    static final int FORMAT = 1;

    private static final int BUFFER_BYTES = 32 * 1024;
    private static final int MAX_PLAIN_BYTES = 4_096;

    private final JsonGenerator json;
    private final FastGzip zipped;
    private long lines;

    /** Without {@link #end}, what it writes is no listing. */
    public ListingWriter(OutputStream out, ListingHeader header) throws IOException {
        zipped = new FastGzip(out);
        json = Json.LENIENT.getFactory().createGenerator(zipped).setPrettyPrinter(new MinimalPrettyPrinter("\n"));
        json.writeStartObject();
        json.writeNumberField("format", FORMAT);
        json.writeStringField("snapshot", header.snapshot());
        json.writeStringField("tree", header.tree());
        json.writeEndObject();
    }

    public void write(TreeNode node) throws IOException {
        lines++;
        json.writeStartObject();
        fields(node);
        json.writeEndObject();
    }

    /** Number of lines so far, without the header. */
    public long lines() {
        return lines;
    }

    private void fields(TreeNode node) throws IOException {
        json.writeNumberField("d", node.depth());
        raw("n", "b", node.name());
        json.writeStringField("t", node.type().letter());
        number("s", node.size());
        number("m", node.mtime().getEpochSecond());
        number("f", node.mtime().getNano());
        number("p", node.mode());
        number("u", node.uid());
        number("g", node.gid());
        text("un", node.user());
        text("gn", node.group());
        if (node.linkTarget().isPresent()) {
            raw("l", "lb", node.linkTarget().get());
        }
        if (node.links() != defaultLinks(node.type())) {
            json.writeNumberField("k", node.links());
        }
    }

    static long defaultLinks(NodeType type) {
        return type == NodeType.DIRECTORY ? 0 : 1;
    }

    private void number(String field, long value) throws IOException {
        if (value != 0) {
            json.writeNumberField(field, value);
        }
    }

    private void text(String field, String value) throws IOException {
        if (!value.isEmpty()) {
            json.writeStringField(field, value);
        }
    }

    /** What is long or has control characters is in base64, too: as text, a character could have six bytes. */
    private void raw(String field, String base64Field, RawText raw) throws IOException {
        if (plain(raw)) {
            json.writeStringField(field, raw.text());
        } else {
            json.writeBinaryField(base64Field, raw.bytes());
        }
    }

    private static boolean plain(RawText raw) {
        if (raw.length() > MAX_PLAIN_BYTES) {
            return false;
        }
        for (byte b : raw.bytes()) {
            if (b >= 0 && b < ' ' || b == 0x7f) {
                return false;
            }
        }
        return raw.isUtf8();
    }

    /** Writes the last line. */
    public void end() throws IOException {
        json.writeStartObject();
        json.writeNumberField("end", lines);
        json.writeEndObject();
        json.writeRaw('\n');
        json.flush();
        zipped.finish();
        zipped.flush();
    }

    /** Writes no more, and does not close what it writes to. */
    @Override
    public void close() {
        zipped.release();
    }

    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, BUFFER_BYTES);
            def.setLevel(Deflater.BEST_SPEED);
        }

        void release() {
            def.end();
        }
    }
}
