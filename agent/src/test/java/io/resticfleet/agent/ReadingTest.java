package io.resticfleet.agent;

import static io.resticfleet.agent.Eventually.eventually;
import static io.resticfleet.agent.Eventually.present;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.DumpFormat;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.TransferToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a whole agent reads of snapshots, with the oldest and the newest restic. */
@Tag("slow")
class ReadingTest {

    private static final Path TOOLS = Path.of("../.tools").toAbsolutePath().normalize();

    /** More than fits between a restic and a server that does not read. */
    private static final long LARGE = 24L << 20;

    @TempDir
    static Path shared;

    static Path files;
    static String snapshot;

    @TempDir
    Path root;

    AgentHarness harness;
    FakeServer.Connection connection;
    private int asked;

    static Stream<String> restics() throws IOException {
        try (var tools = Files.list(TOOLS)) {
            var newest = tools.map(Path::toString)
                    .filter(path -> path.contains("/restic-"))
                    .sorted()
                    .reduce((older, newer) -> newer);
            return Stream.concat(Stream.of("/usr/bin:/bin"), newest.stream().map(path -> path + ":/usr/bin:/bin"));
        }
    }

    @BeforeAll
    static void backUp() throws Exception {
        files = shared.resolve("files");
        OddTree.make(files);
        Files.write(files.resolve("large"), OddTree.noise(LARGE));
        var repository = shared.resolve("repository").toString();
        OddTree.run(List.of("restic", "--no-cache", "-q", "-r", repository, "init"));
        OddTree.run(
                List.of("restic", "--no-cache", "-q", "-r", repository, "backup", "--host=web-01", files.toString()));
        snapshot = new JsonMapper()
                .readTree(OddTree.run(
                        List.of("restic", "--no-cache", "-r", repository, "snapshots", "--json", "--no-lock")))
                .get(0)
                .path("id")
                .asText();
    }

    private void start(String searchPath) throws Exception {
        harness = new AgentHarness(root, searchPath);
        connection = harness.server.connection();
        assertThat(connection.receive(Hello.class).features().orElseThrow())
                .contains("tree.index", "question.folder", "question.dump");
        connection.send(FakeServer.welcome(harness.now));
        connection.send(new ToAgent.ConfigUpdate(
                "web-01",
                new Repository(
                        new RepositoryUrl(shared.resolve("repository").toString()),
                        Optional.empty(),
                        Optional.empty(),
                        "correct-horse"),
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    }

    @AfterEach
    void stop() throws IOException {
        if (harness != null) {
            harness.close();
        }
    }

    @ParameterizedTest
    @MethodSource("restics")
    void all_files_are_listed_as_the_system_has_them_whatever_their_names(String searchPath) throws Exception {
        start(searchPath);
        var transfer = want(snapshot);

        var listing = harness.server.transfers.whole(transfer);

        assertThat(listing.ended()).isTrue();
        var listed = below(OddTree.listed(listing.bytes(), ""));
        assertThat(listed).isEqualTo(OddTree.there(files));
        assertThat(listed.keySet()).anyMatch(path -> path.length() == 4_095);
        assertThat(connection.received(ToServer.TreeFailed.class)).isEmpty();
        assertThat(locks()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_folder_is_listed_alone_whatever_its_name(String searchPath) throws Exception {
        start(searchPath);
        var latin = SnapshotPath.of(files.toString()).child(RawText.of(new byte[] {'d', (byte) 0xe9, 'r'}));

        for (var folder : List.of(SnapshotPath.of(files.toString()), latin)) {
            var transfer = harness.server.transfers.token();
            var reply = answer(new Ask.Folder(Optional.empty(), snapshot, folder, transfer));

            var above = new String(folder.raw().bytes(), StandardCharsets.ISO_8859_1);
            var children = OddTree.there(files).entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith(above + "/")
                            && entry.getKey().lastIndexOf('/') == above.length())
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
            assertThat(reply).isEqualTo(new Reply.FolderSent(children.size()));
            assertThat(OddTree.listed(harness.server.transfers.whole(transfer).bytes(), above))
                    .containsExactlyInAnyOrderEntriesOf(children);
        }
        assertThat(failure(new Ask.Folder(
                        Optional.empty(),
                        snapshot,
                        SnapshotPath.of(files + "/none"),
                        harness.server.transfers.token())))
                .isEqualTo("no_such_file");
        assertThat(failure(new Ask.Folder(
                        Optional.empty(),
                        snapshot,
                        SnapshotPath.of(files + "/file"),
                        harness.server.transfers.token())))
                .isEqualTo("not_a_directory");
        assertThat(failure(new Ask.Folder(
                        Optional.empty(), "0".repeat(64), SnapshotPath.ROOT, harness.server.transfers.token())))
                .isEqualTo("snapshot_not_found");
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_file_is_sent_whatever_its_name_and_from_any_offset(String searchPath) throws Exception {
        start(searchPath);
        var latin = SnapshotPath.of(files.toString())
                .child(RawText.of(new byte[] {'d', (byte) 0xe9, 'r'}))
                .child(RawText.of(new byte[] {'b', (byte) 0xfc}));

        assertThat(dump(latin, 0)).isEqualTo("both".getBytes(StandardCharsets.UTF_8));
        assertThat(dump(SnapshotPath.of(files + "/*star"), 0)).isEmpty();
        assertThat(dump(SnapshotPath.of(files + "/file"), 2)).isEqualTo("llo".getBytes(StandardCharsets.UTF_8));
        assertThat(Arrays.equals(
                        dump(SnapshotPath.of(files + "/large"), 10_000_001),
                        Arrays.copyOfRange(OddTree.noise(LARGE), 10_000_001, (int) LARGE)))
                .isTrue();
        assertThat(locks()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_folder_is_sent_as_an_archive(String searchPath) throws Exception {
        start(searchPath);
        var folder = SnapshotPath.of(files + "/sub");

        for (var format : List.of(DumpFormat.TAR, DumpFormat.ZIP)) {
            var transfer = harness.server.transfers.token();
            assertThat(answer(new Ask.Dump(Optional.empty(), snapshot, folder, format, 0, transfer)))
                    .isEqualTo(new Reply.DumpStarted());
            var archive = Files.write(
                    root.resolve("archive"),
                    harness.server.transfers.whole(transfer).bytes());
            var content = format == DumpFormat.TAR
                    ? List.of("tar", "-xOf", archive.toString())
                    : List.of(
                            "python3",
                            "-c",
                            "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]);"
                                    + " sys.stdout.write(''.join(z.read(n).decode() for n in z.namelist()))",
                            archive.toString());
            assertThat(new String(OddTree.run(content), StandardCharsets.UTF_8)).isEqualTo("hello");
        }
    }

    @Test
    void what_is_no_file_or_not_there_is_not_sent() throws Exception {
        start("/usr/bin:/bin");

        assertThat(failure(ask("/none", DumpFormat.RAW))).isEqualTo("no_such_file");
        assertThat(failure(ask("/sub", DumpFormat.RAW))).isEqualTo("not_a_file");
        assertThat(failure(ask("/link", DumpFormat.RAW))).isEqualTo("not_a_file");
        assertThat(failure(ask("/file", DumpFormat.ZIP))).isEqualTo("not_a_directory");
        var beyond = harness.server.transfers.token();
        answer(new Ask.Dump(Optional.empty(), snapshot, SnapshotPath.of(files + "/file"), DumpFormat.RAW, 6, beyond));
        assertThat(harness.server.transfers.whole(beyond).ended()).isFalse();
    }

    @Test
    void restic_ends_when_the_server_takes_no_more() throws Exception {
        start("/usr/bin:/bin");
        harness.server.transfers.closeAfter(1 << 20);
        var transfer = harness.server.transfers.token();

        answer(new Ask.Dump(
                Optional.empty(), snapshot, SnapshotPath.of(files + "/large"), DumpFormat.RAW, 0, transfer));

        assertThat(harness.server.transfers.whole(transfer).ended()).isFalse();
        long begin = System.nanoTime();
        eventually(() -> assertThat(running("restic")).isEmpty());
        assertThat(System.nanoTime() - begin).isLessThan(5_000_000_000L);
    }

    @Test
    void a_part_is_never_ended_as_if_it_was_all() throws Exception {
        var restic = fakeRestic("printf part; echo 'Fatal: read: i/o timeout' >&2; exit 1");
        start(restic + ":/usr/bin:/bin");
        var transfer = harness.server.transfers.token();

        assertThat(answer(new Ask.Dump(
                        Optional.empty(), snapshot, SnapshotPath.of("/file"), DumpFormat.RAW, 0, transfer)))
                .isEqualTo(new Reply.DumpStarted());

        var body = harness.server.transfers.whole(transfer);
        assertThat(body.ended()).isFalse();
        assertThat(body.broken()).isTrue();
    }

    @Test
    void no_more_than_four_are_sent_at_once_and_all_end_with_the_agent() throws Exception {
        var restic = fakeRestic("printf part; exec sleep 1000");
        start(restic + ":/usr/bin:/bin");
        for (int i = 0; i < 4; i++) {
            assertThat(answer(ask("/file", DumpFormat.RAW))).isEqualTo(new Reply.DumpStarted());
        }

        assertThat(failure(ask("/file", DumpFormat.RAW))).isEqualTo("busy");

        harness.agent.close();
        eventually(
                () -> assertThat(running("sleep")).isEmpty()); // killed, but the system may not have removed them yet
    }

    @Test
    void a_list_is_dropped_with_its_connection() throws Exception {
        var restic = fakeRestic("printf '[{\"matches\":['; exec sleep 1000");
        start(restic + ":/usr/bin:/bin");
        var transfer = want(snapshot);
        eventually(() -> assertThat(running("sleep")).hasSize(1));

        connection.send(new ToAgent.TreeWanted("second", Optional.empty(), snapshot, transfer));
        assertThat(connection.receive(ToServer.TreeFailed.class).code()).isEqualTo("busy");
        connection.drop();

        eventually(() -> assertThat(running("sleep")).isEmpty());
        assertThat(harness.server.transfers.whole(transfer).ended()).isFalse();
        var next = harness.server.welcomed();
        eventually(() -> {
            next.send(new ToAgent.TreeWanted("third", Optional.empty(), snapshot, transfer));
            assertThat(running("sleep")).hasSize(1);
        });
    }

    @Test
    void a_directory_that_restic_cannot_read_does_not_pass_as_an_empty_one() throws Exception {
        var restic = fakeRestic("printf '[{\"matches\":[{\"path\":\"/a\",\"type\":\"dir\",\"mode\":493,"
                + "\"mtime\":\"2026-01-01T00:00:00Z\",\"uid\":0,\"gid\":0}Unable to load tree 5e5e\\n"
                + " ... which belongs to snapshot 5e\\n],\"hits\":1,\"snapshot\":\"%s\"}]\\n' \"" + snapshot + "\"");
        start(restic + ":/usr/bin:/bin");

        var transfer = want(snapshot);

        assertThat(connection.receive(ToServer.TreeFailed.class).code()).isEqualTo("damaged");
        assertThat(harness.server.transfers.whole(transfer).ended()).isFalse();
    }

    @Test
    void what_the_owner_forbids_is_not_read() throws Exception {
        start("/usr/bin:/bin");
        Files.writeString(root.resolve("policy.json"), "{\"index\":\"off\",\"download\":\"off\"}");

        want(snapshot);
        assertThat(connection.receive(ToServer.TreeFailed.class).code()).isEqualTo("index_off");
        assertThat(failure(ask("/file", DumpFormat.RAW))).isEqualTo("download_off");
        assertThat(answer(new Ask.Folder(
                        Optional.empty(), snapshot, SnapshotPath.ROOT, harness.server.transfers.token())))
                .isEqualTo(new Reply.FolderSent(1));

        Files.writeString(root.resolve("policy.json"), "{\"questions\":\"off\"}");
        want(snapshot);
        assertThat(connection.receive(ToServer.TreeFailed.class, 2).get(1).code())
                .isEqualTo("questions_off");
        assertThat(failure(ask("/file", DumpFormat.RAW))).isEqualTo("questions_off");
    }

    @Test
    void a_server_that_refuses_a_list_is_told_and_the_agent_goes_on() throws Exception {
        start("/usr/bin:/bin");
        harness.server.transfers.answer("409 Conflict");
        want(snapshot);

        assertThat(connection.receive(ToServer.TreeFailed.class).code()).isEqualTo("transfer_failed");
        harness.server.transfers.answer("204 No Content");
        assertThat(harness.server.transfers.whole(want(snapshot)).ended()).isTrue();
    }

    /** A restic that knows the snapshot, and one file or directory, and lists or prints what a script does. */
    private Path fakeRestic(String script) throws IOException {
        var directory = Files.createDirectories(root.resolve("bin"));
        var file = Files.writeString(
                directory.resolve("restic"),
                "#!/bin/sh\ncase \"$*\" in\n"
                        + "version) echo restic 0.14.0 compiled with go1.19 on linux/amd64;;\n"
                        + "*cat\\ snapshot*) echo '{\"tree\":\"" + "7e".repeat(32) + "\"}';;\n"
                        + "*ls*) echo '{\"struct_type\":\"node\",\"type\":\"file\",\"path\":\"/file\"}';;\n"
                        + "*) " + script + ";;\nesac\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return directory;
    }

    private TransferToken want(String snapshotId) {
        var transfer = harness.server.transfers.token();
        connection.send(new ToAgent.TreeWanted("want-" + ++asked, Optional.empty(), snapshotId, transfer));
        return transfer;
    }

    private Ask.Dump ask(String below, DumpFormat format) {
        return new Ask.Dump(
                Optional.empty(),
                snapshot,
                SnapshotPath.of(files + below),
                format,
                0,
                harness.server.transfers.token());
    }

    private byte[] dump(SnapshotPath file, long offset) {
        var transfer = harness.server.transfers.token();
        assertThat(answer(new Ask.Dump(Optional.empty(), snapshot, file, DumpFormat.RAW, offset, transfer)))
                .isEqualTo(new Reply.DumpStarted());
        var body = harness.server.transfers.whole(transfer);
        assertThat(body.ended()).isTrue();
        return body.bytes();
    }

    private String failure(Ask what) {
        return ((Reply.Failure) answer(what)).code();
    }

    private Reply answer(Ask what) {
        var id = "asked-" + ++asked;
        connection.send(new ToAgent.Question(id, 60_000, what));
        return present(() -> connection.received(ToServer.Answer.class).stream()
                        .filter(answer -> answer.re().equals(id))
                        .findFirst())
                .reply();
    }

    /** What is listed of the directory that was backed up, and not of those above it. */
    private static Map<String, String> below(Map<String, String> listed) {
        var below = new TreeMap<>(listed);
        below.keySet().removeIf(path -> !path.equals(files.toString()) && !path.startsWith(files + "/"));
        return below;
    }

    private static List<Path> locks() throws IOException {
        try (var locks = Files.list(shared.resolve("repository/locks"))) {
            return locks.toList();
        }
    }

    /** Programs with this name that this test's agent has started and that have not ended. */
    private static List<ProcessHandle> running(String program) {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().command().orElse("").endsWith(program))
                .toList();
    }
}
