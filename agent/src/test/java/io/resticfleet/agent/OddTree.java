package io.resticfleet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.listing.ListingReader;
import io.resticfleet.protocol.listing.NodeType;
import io.resticfleet.protocol.listing.TreeNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Files with all that is odd, in a repository, and what the system says of them. */
final class OddTree {

    /** One byte a character, so that any name fits. */
    private static final java.nio.charset.Charset BYTES = StandardCharsets.ISO_8859_1;

    private static final String MAKE = """
            set -e
            mkdir -p "$1" && cd "$1"
            printf hello >file; ln file hard; mkdir sub; ln ../"$(basename "$1")"/file sub/hard
            ln -s '../no where' link; ln -s "$(printf 'targ\\351t')" link-latin1
            truncate -s 10M sparse; mkfifo pipe; : >empty
            chmod 4750 file; mkdir sticky; chmod 1777 sticky; mkdir setgid; chmod 2755 setgid
            touch -d '1901-12-14 01:02:03' old; touch -d '2399-01-01 00:00:00.123456789' future; chmod 0 old
            : >'*star'; : >'[a-z]'; : >'\\back'; : >'?'; : >'quo"te'; : >' '; : >'-rf'; : >'\u202e.txt'
            : >"$(printf 'new\\nline\\n.')"; : >"$(printf 'tab\\t\\001\\177')"
            : >"$(printf 'latin\\351')"; : >"$(printf 'latin\\351\\n\\377\\376 \\357\\277\\275 x')"
            : >"$(printf 'mixed \\357\\277\\275')"; : >"$(printf 'cut \\342\\202')"
            mkdir "$(printf 'd\\351r')"; printf inside >"$(printf 'd\\351r')"/in; mkdir "$(printf 'd\\351r')"/ünï
            printf both >"$(printf 'd\\351r')"/"$(printf 'b\\374')"
            left() { echo $((4095 - $(pwd | wc -c))); }
            name=$(printf '%0250d' 0)
            while [ "$(left)" -gt 251 ]; do mkdir "$name"; cd "$name"; done
            printf deep >"$(printf "%0$(left)d" 0)"
            """;

    private OddTree() {}

    /** Makes it. */
    static void make(Path directory) throws Exception {
        run(List.of("bash", "-c", MAKE, "odd", directory.toString()));
    }

    /** Runs a program, which must succeed. */
    static byte[] run(List<String> command) throws Exception {
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("RESTIC_PASSWORD", "correct-horse");
        builder.environment().put("RESTIC_CACHE_DIR", "/nonexistent");
        builder.environment().put("LC_ALL", "C.UTF-8");
        var process = builder.start();
        var output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).as(command.toString()).isZero();
        return output;
    }

    /** All that the system says of what is in a directory, by path. */
    static Map<String, String> there(Path directory) throws Exception {
        var found = new String(
                run(List.of("find", directory.toString(), "-printf", "%p\\0%y\\0%s\\0%m\\0%T@\\0%u\\0%g\\0%n\\0%l\\0")),
                BYTES);
        var fields = found.split("\0", -1);
        var there = new TreeMap<String, String>();
        for (int i = 0; i + 9 <= fields.length; i += 9) {
            boolean file = fields[i + 1].equals("f");
            there.put(
                    fields[i],
                    String.join(
                            "|",
                            fields[i + 1],
                            file ? fields[i + 2] : "0",
                            fields[i + 3],
                            fields[i + 4].substring(0, fields[i + 4].length() - 1),
                            fields[i + 5],
                            fields[i + 6],
                            file ? fields[i + 7] : "",
                            new String(
                                    fields[i + 8].getBytes(BYTES),
                                    StandardCharsets.UTF_8))); // restic keeps no more of it
        }
        return there;
    }

    /** The same of a listing, of what is in the directory. */
    static Map<String, String> listed(byte[] listing, String above) throws IOException {
        var reader = new ListingReader(new ByteArrayInputStream(listing), 1_000_000);
        var names = new ArrayList<RawText>();
        var listed = new LinkedHashMap<String, String>();
        for (var line = reader.next(); line.isPresent(); line = reader.next()) {
            var node = line.get();
            names.subList(node.depth() - 1, names.size()).clear();
            names.add(node.name());
            listed.put(above + path(names), described(node));
        }
        return listed;
    }

    private static String path(List<RawText> names) {
        var path = new StringBuilder();
        names.forEach(name -> path.append('/').append(new String(name.bytes(), BYTES)));
        return path.toString();
    }

    private static String described(TreeNode node) {
        return String.join(
                "|",
                node.type() == NodeType.FILE
                        ? "f"
                        : node.type().word().substring(0, 1).replace("s", "l").replace("f", "p"),
                "" + node.size(),
                Integer.toOctalString(node.mode()),
                String.format(
                        "%d.%09d", node.mtime().getEpochSecond(), node.mtime().getNano()),
                node.user(),
                node.group(),
                node.type() == NodeType.FILE ? "" + node.links() : "",
                node.linkTarget().map(RawText::text).orElse(""));
    }

    /** Bytes that cannot be compressed. */
    static byte[] noise(long size) {
        var bytes = new byte[(int) size];
        new java.util.Random(7).nextBytes(bytes);
        return bytes;
    }
}
