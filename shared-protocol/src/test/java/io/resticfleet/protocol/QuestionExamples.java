package io.resticfleet.protocol;

import static io.resticfleet.protocol.WireExamples.TRANSFER;
import static io.resticfleet.protocol.WireExamples.frame;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** One or more of every message with which the server asks about a machine or its snapshots, as it goes over the wire. */
final class QuestionExamples {

    static final String RESTORE = "'snapshot_id':'" + "0123456789abcdef".repeat(4)
            + "','paths':[{'path':'/etc/passwd'},{'path':'/srv/\uFFFD','path_base64':'L3Nydi//'}],"
            + "'target':{'kind':'folder','path':'/srv/back'},'overwrite':'if_newer','delete':true";

    private QuestionExamples() {}

    static Stream<Arguments> frames() {
        return Stream.of(
                frame(
                        new ToAgent.Question("Q1", 5_000, new Ask.Path("/srv/data", true)),
                        "{'type':'question','id':'Q1','limit_ms':5000,'ask':'path','path':'/srv/data',"
                                + "'one_file_system':true}"),
                frame(
                        new ToAgent.Question(
                                "Q9",
                                10_000,
                                new Ask.Locks(Optional.of(new RepositoryId("01R00000000000000000000001")))),
                        "{'type':'question','id':'Q9','limit_ms':10000,'ask':'locks',"
                                + "'repository_id':'01R00000000000000000000001'}"),
                frame(
                        new ToAgent.Question("Q2", 5_000, new Ask.Ssh(new RepositoryUrl("sftp:nas:/srv"))),
                        "{'type':'question','id':'Q2','limit_ms':5000,'ask':'ssh_access','url':'sftp:nas:/srv'}"),
                frame(
                        new ToAgent.Question(
                                "Q31",
                                10_000,
                                new Ask.RestorePermission(
                                        new RepositoryId("01R00000000000000000000001"),
                                        restore(),
                                        "web-01, yesterday")),
                        "{'type':'question','id':'Q31','limit_ms':10000,'ask':'restore_permission',"
                                + "'repository_id':'01R00000000000000000000001','restore':{'kind':'restore'," + RESTORE
                                + "},'origin':'web-01, yesterday'}"),
                frame(
                        new ToAgent.Question(
                                "Q6",
                                20_000,
                                new Ask.Folder(
                                        Optional.of(new RepositoryId("01R00000000000000000000001")),
                                        "5e".repeat(32),
                                        SnapshotPath.of("/srv/data"),
                                        TRANSFER)),
                        "{'type':'question','id':'Q6','limit_ms':20000,'ask':'folder',"
                                + "'repository_id':'01R00000000000000000000001','snapshot_id':'" + "5e".repeat(32)
                                + "','path':'/srv/data','transfer':'" + TRANSFER.value() + "'}"),
                frame(
                        new ToAgent.Question(
                                "Q7",
                                20_000,
                                new Ask.Dump(
                                        Optional.empty(),
                                        "5e".repeat(32),
                                        SnapshotPath.of(RawText.of(new byte[] {'/', 'd', (byte) 0xe9})),
                                        DumpFormat.RAW,
                                        4_096,
                                        TRANSFER)),
                        "{'type':'question','id':'Q7','limit_ms':20000,'ask':'dump','snapshot_id':'" + "5e".repeat(32)
                                + "','path':'/d\ufffd','path_base64':'L2Tp','format':'raw','offset':4096,'transfer':'"
                                + TRANSFER.value() + "'}"),
                frame(
                        new ToAgent.TreeWanted(
                                "T1",
                                Optional.of(new RepositoryId("01R00000000000000000000001")),
                                "5e".repeat(32),
                                TRANSFER),
                        "{'type':'tree.wanted','request':'T1','repository_id':'01R00000000000000000000001',"
                                + "'snapshot_id':'" + "5e".repeat(32)
                                + "','transfer':'" + TRANSFER.value() + "'}"),
                frame(new ToAgent.QuestionCancel("Q1"), "{'type':'question.cancel','id':'Q1'}"));
    }

    static Restore restore() {
        return new Restore(
                "0123456789abcdef".repeat(4),
                List.of(SnapshotPath.of("/etc/passwd"), new SnapshotPath("", Optional.of("L3Nydi//"))),
                RestoreTarget.folder("/srv/back"),
                Overwrite.IF_NEWER,
                true,
                false,
                false);
    }
}
