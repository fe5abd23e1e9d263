package io.resticfleet.protocol.listing;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads what {@link ListingWriter} writes, one line after the other, from a peer that is not trusted: lines and their number
 * are bounded; files are within directories that came before, in the order of their names, none of them twice.
 */
public final class ListingReader {

    /** Maximum length of a line: a name and a link target of 4 KiB each, with all that is escaped, and the rest. */
    static final int MAX_LINE_BYTES = 64 * 1024;

    private static final int BUFFER_BYTES = 32 * 1024;

    private final InputStream in;
    private final long maxLines;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final ListingHeader header;

    /** The last name at each depth, and whether something can be in it. */
    private final List<TreeNode> path = new ArrayList<>();

    /** Of the names in it, and what is before each. */
    private int pathBytes;

    private int position;
    private int filled;
    private long lines;
    private boolean ended;

    /**
     * Reads the header.
     *
     * @param maxLines a listing with more is refused at that line
     * @throws BadListing if it is not a listing
     */
    public ListingReader(InputStream zipped, long maxLines) throws IOException {
        this.maxLines = maxLines;
        try {
            this.in = new GZIPInputStream(zipped, BUFFER_BYTES);
        } catch (ZipException | EOFException e) {
            throw new BadListing("it is not compressed as a listing is", e);
        }
        var fields = fields();
        if (fields.format != ListingWriter.FORMAT || fields.snapshot == null || fields.tree == null) {
            throw new BadListing("it does not begin as a listing does");
        }
        this.header = made(() -> new ListingHeader(fields.snapshot, fields.tree));
    }

    public ListingHeader header() {
        return header;
    }

    /**
     * The next line; empty at the end, after which nothing follows.
     *
     * @throws BadListing if the listing is incomplete, malformed or too large
     */
    public Optional<TreeNode> next() throws IOException {
        if (ended) {
            return Optional.empty();
        }
        var fields = fields();
        if (fields.end >= 0) {
            if (fields.end != lines) {
                throw new BadListing("it lacks lines");
            }
            if (readByte() >= 0) {
                throw new BadListing("something follows its end");
            }
            ended = true;
            return Optional.empty();
        }
        lines++;
        if (lines > maxLines) {
            throw new BadListing("it has more than " + maxLines + " lines");
        }
        return Optional.of(node(fields));
    }

    private TreeNode node(Fields fields) throws BadListing {
        var node = made(fields::node);
        if (node.depth() > path.size() + 1
                || node.depth() > 1 && path.get(node.depth() - 2).type() != NodeType.DIRECTORY) {
            throw new BadListing("a file is in no directory");
        }
        if (node.depth() <= path.size()) {
            if (path.get(node.depth() - 1).name().compareTo(node.name()) >= 0) {
                throw new BadListing("the names in a directory are not in their order");
            }
            var left = path.subList(node.depth() - 1, path.size());
            pathBytes -= left.stream().mapToInt(ListingReader::bytes).sum();
            left.clear();
        }
        path.add(node);
        pathBytes += bytes(node);
        if (pathBytes > SnapshotPath.MAX_BYTES) {
            throw new BadListing("a path has more than " + SnapshotPath.MAX_BYTES + " bytes");
        }
        return node;
    }

    private static int bytes(TreeNode node) {
        return 1 + node.name().length();
    }

    private interface Maker<T> {
        T make();
    }

    private static <T> T made(Maker<T> maker) throws BadListing {
        try {
            return maker.make();
        } catch (IllegalArgumentException | NullPointerException | DateTimeException e) {
            throw new BadListing("a line is malformed", e);
        }
    }

    /** Reads a line, without what ends it. */
    private Fields fields() throws IOException {
        line.reset();
        for (int b = readByte(); b != '\n'; b = readByte()) {
            if (b < 0) {
                throw new BadListing("it is incomplete");
            }
            if (line.size() >= MAX_LINE_BYTES) {
                throw new BadListing("a line has more than " + MAX_LINE_BYTES + " bytes");
            }
            line.write(b);
        }
        try (var parser = Json.LENIENT.getFactory().createParser(line.toByteArray())) {
            var fields = new Fields();
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new BadListing("a line is not an object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                fields.read(parser);
            }
            if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
                throw new BadListing("a line is not one object");
            }
            return fields;
        } catch (com.fasterxml.jackson.core.JsonProcessingException | IllegalArgumentException e) {
            throw new BadListing("a line is malformed", e);
        }
    }

    private int readByte() throws IOException {
        if (position == filled) {
            try {
                filled = Math.max(0, in.read(buffer));
            } catch (ZipException | EOFException e) {
                throw new BadListing("it is incomplete", e);
            }
            position = 0;
            if (filled == 0) {
                return -1;
            }
        }
        return buffer[position++] & 0xff;
    }

    /** What a line can have. */
    private static final class Fields {
        private int format;
        private String snapshot;
        private String tree;
        private long end = -1;
        private int depth;
        private RawText name;
        private NodeType type;
        private long size;
        private long seconds;
        private int nanos;
        private int mode;
        private long uid;
        private long gid;
        private String user = "";
        private String group = "";
        private RawText target;
        private long links = -1;

        void read(JsonParser parser) throws IOException {
            var field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "format" -> format = parser.getIntValue();
                case "snapshot" -> snapshot = parser.getText();
                case "tree" -> tree = parser.getText();
                case "end" -> end = parser.getLongValue();
                case "d" -> depth = parser.getIntValue();
                case "n" -> name = RawText.of(parser.getText());
                case "b" -> name = RawText.of(parser.getBinaryValue());
                case "t" -> type = NodeType.ofLetter(parser.getText());
                case "s" -> size = parser.getLongValue();
                case "m" -> seconds = parser.getLongValue();
                case "f" -> nanos = parser.getIntValue();
                case "p" -> mode = parser.getIntValue();
                case "u" -> uid = parser.getLongValue();
                case "g" -> gid = parser.getLongValue();
                case "un" -> user = parser.getText();
                case "gn" -> group = parser.getText();
                case "l" -> target = RawText.of(parser.getText());
                case "lb" -> target = RawText.of(parser.getBinaryValue());
                case "k" -> links = parser.getLongValue();
                default -> parser.skipChildren();
            }
        }

        TreeNode node() {
            return new TreeNode(
                    depth,
                    name,
                    type,
                    size,
                    Instant.ofEpochSecond(seconds, nanos),
                    mode,
                    uid,
                    gid,
                    user,
                    group,
                    Optional.ofNullable(target),
                    links < 0 ? ListingWriter.defaultLinks(type) : links);
        }
    }
}
