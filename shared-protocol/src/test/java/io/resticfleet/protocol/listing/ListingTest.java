package io.resticfleet.protocol.listing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.resticfleet.protocol.RawText;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Listings as they are sent, also by a peer that is not as it should be. */
class ListingTest {

    private static final ListingHeader FULL = new ListingHeader("5e".repeat(32), "7e".repeat(32));
    private static final String BEGIN =
            "{'format':1,'snapshot':'" + "5e".repeat(32) + "','tree':'" + "7e".repeat(32) + "'}\n";

    @Test
    void every_field_and_every_name_comes_back_the_same() throws Exception {
        var lines = List.of(
                node(1, RawText.of("etc"), NodeType.DIRECTORY),
                new TreeNode(
                        2,
                        RawText.of("new\nline \"quoted\" \\ \u202e ü \ud83d\ude00"),
                        NodeType.FILE,
                        5L << 30,
                        Instant.parse("1901-12-13T20:45:52.000000001Z"),
                        06755,
                        0xffff_ffffL,
                        1_000,
                        "mönch",
                        "",
                        Optional.empty(),
                        3),
                new TreeNode(
                        2,
                        RawText.of(new byte[] {'r', (byte) 0xe9}),
                        NodeType.SYMLINK,
                        0,
                        Instant.parse("9999-12-31T23:59:59.999999999Z"),
                        0777,
                        0,
                        0,
                        "root",
                        "root",
                        Optional.of(RawText.of(new byte[] {(byte) 0xff, '/'})),
                        1),
                node(2, RawText.of("x".repeat(4 * 1024)), NodeType.DIRECTORY),
                node(3, RawText.of("\"".repeat(4 * 1024)), NodeType.FIFO),
                node(1, RawText.of("f"), NodeType.SOCKET));

        assertThat(read(written(FULL, lines), 6)).isEqualTo(lines);
    }

    @Test
    void a_thousand_names_in_names_come_back_the_same() throws Exception {
        var lines = new ArrayList<TreeNode>();
        for (int depth = 1; depth <= 1_000; depth++) {
            lines.add(node(depth, RawText.of("deep"), NodeType.DIRECTORY));
        }

        assertThat(read(written(FULL, lines), 1_000)).isEqualTo(lines);
    }

    @Test
    void a_listing_that_is_cut_anywhere_is_refused() throws Exception {
        var whole = written(FULL, List.of(node(1, RawText.of("a"), NodeType.FILE)));

        for (int length = 0; length < whole.length; length++) {
            var cut = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(BadListing.class).isThrownBy(() -> read(cut, 10));
        }
    }

    @Test
    void a_listing_with_more_lines_than_expected_is_refused() throws Exception {
        var two = written(
                FULL, List.of(node(1, RawText.of("a"), NodeType.FILE), node(1, RawText.of("b"), NodeType.FILE)));

        assertThat(read(two, 2)).hasSize(2);
        assertThatExceptionOfType(BadListing.class).isThrownBy(() -> read(two, 1));
    }

    @Test
    void what_no_system_has_is_refused() throws Exception {
        var name = "x".repeat(TreeNode.MAX_TEXT_BYTES);
        var tooDeep = new StringBuilder();
        var tooLong = new StringBuilder();
        for (int depth = 1; depth <= TreeNode.MAX_DEPTH + 1; depth++) {
            tooDeep.append("{'d':%d,'n':'a','t':'d'}\n".formatted(depth));
        }
        for (int depth = 1; depth <= 8; depth++) {
            tooLong.append("{'d':%d,'n':'%s','t':'d'}\n".formatted(depth, name));
        }
        for (var lines : List.of(
                tooDeep,
                tooLong,
                "{'d':1,'n':'%sx','t':'f'}\n".formatted(name),
                "{'d':1,'n':'a','t':'l','l':'%sx'}\n".formatted(name),
                "{'d':1,'n':'a','t':'f','un':'%s'}\n".formatted("u".repeat(257)))) {
            assertThatExceptionOfType(BadListing.class)
                    .isThrownBy(() -> read(zipped(BEGIN + lines), 10_000))
                    .withMessageNotContaining("incomplete");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'d':2,'n':'a','t':'f'}",
                "{'d':0,'n':'a','t':'f'}",
                "{'d':1,'n':'a','t':'f'}\n{'d':2,'n':'a','t':'f'}",
                "{'d':1,'n':'a','t':'f'}\n{'d':1,'n':'a','t':'f'}",
                "{'d':1,'n':'b','t':'f'}\n{'d':1,'n':'a','t':'f'}",
                "{'d':1,'n':'a','t':'d'}\n{'d':3,'n':'a','t':'f'}",
                "{'d':1,'n':'..','t':'f'}",
                "{'d':1,'n':'a/b','t':'f'}",
                "{'d':1,'n':'','t':'f'}",
                "{'d':1,'b':'AGE=','t':'f'}",
                "{'d':1,'b':'!','t':'f'}",
                "{'d':1,'n':'\\ud800','t':'f'}",
                "{'d':1,'n':'a','t':'f','un':'\\ud800'}",
                "{'d':1,'t':'f'}",
                "{'d':1,'n':'a'}",
                "{'d':1,'n':'a','t':'f','s':-1}",
                "{'d':1,'n':'a','t':'f','s':9223372036854775808}",
                "{'d':1,'n':'a','t':'f','m':9223372036854775807}",
                "{'d':1,'n':'a','t':'f','p':4096}",
                "{'d':1,'n':'a','t':'f','u':4294967296}",
                "{'d':1,'n':'a','t':{'x':1}}",
                "{'d':1,'n':'a','t':'f','l':'target'}",
                "[]",
                "",
                "{'d':1,'n':'a','t':'f'"
            })
    void what_no_agent_sends_is_refused(String lines) {
        assertThatExceptionOfType(BadListing.class).isThrownBy(() -> read(zipped(BEGIN + lines + "\n{'end':9}\n"), 10));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'d':1,'n':'a','t':'f'}\n{'end':2}\n",
                "{'d':1,'n':'a','t':'f'}\n{'end':1}\n{'d':1,'n':'b','t':'f'}\n",
                "{'d':1,'n':'a','t':'f'}\n{'end':1}",
                "{'d':1,'n':'a','t':'f'}\n"
            })
    void the_end_is_exactly_where_it_must_be(String lines) {
        assertThatExceptionOfType(BadListing.class).isThrownBy(() -> read(zipped(BEGIN + lines), 10));
    }

    @Test
    void a_line_without_end_fills_no_memory() {
        assertThatExceptionOfType(BadListing.class)
                .isThrownBy(() -> read(zipped(BEGIN + "{'d':1,'n':'" + "x".repeat(1 << 20)), 10))
                .withMessageContaining("a line has more than");
    }

    @Test
    void fields_of_newer_agents_are_ignored() throws Exception {
        assertThat(read(zipped(BEGIN + "{'x':[{'y':1}],'d':1,'n':'a','t':'?'}\n{'end':1}\n"), 10))
                .extracting(line -> (line).type())
                .containsExactly(NodeType.OTHER);
    }

    private static TreeNode node(int depth, RawText name, NodeType type) {
        return new TreeNode(depth, name, type, 0, Instant.EPOCH, 0, 0, 0, "", "", Optional.empty(), 0);
    }

    private static byte[] written(ListingHeader header, List<TreeNode> lines) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var writer = new ListingWriter(out, header)) {
            for (var line : lines) {
                writer.write(line);
            }
            writer.end();
        }
        return out.toByteArray();
    }

    private static byte[] zipped(String text) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }

    private static List<TreeNode> read(byte[] listing, long maxLines) throws IOException {
        var reader = new ListingReader(new ByteArrayInputStream(listing), maxLines);
        var lines = new ArrayList<TreeNode>();
        for (var line = reader.next(); line.isPresent(); line = reader.next()) {
            lines.add(line.get());
        }
        assertThat(reader.next()).isEmpty();
        return lines;
    }
}
