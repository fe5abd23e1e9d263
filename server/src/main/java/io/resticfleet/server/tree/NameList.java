package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Names of files in one row. */
record NameList(List<RawText> names) {

    static NameList read(Compression compression, byte[] stored) {
        var reader = new ByteReader(compression.decompress(stored));
        int count = reader.count();
        var names = new ArrayList<RawText>(count);
        for (int i = 0; i < count; i++) {
            names.add(RawText.of(reader.text()));
        }
        return new NameList(names);
    }

    byte[] write(Compression compression) {
        var writer = new ByteWriter();
        writer.number(names.size());
        names.forEach(name -> writer.text(name.bytes()));
        return compression.compress(writer.toArray());
    }

    /** What is searched in: no line of it is longer than a name. */
    String text() {
        return names.stream().map(NameList::folded).collect(Collectors.joining("\n"));
    }

    /** A name or a query, so that upper and lower case are the same. */
    static String folded(RawText name) {
        return name.text().toLowerCase(Locale.ROOT);
    }
}
