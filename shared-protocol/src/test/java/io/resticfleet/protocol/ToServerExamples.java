package io.resticfleet.protocol;

import static io.resticfleet.protocol.WireExamples.LATER;
import static io.resticfleet.protocol.WireExamples.NIGHTLY;
import static io.resticfleet.protocol.WireExamples.NIGHTLY_JSON;
import static io.resticfleet.protocol.WireExamples.NOON;
import static io.resticfleet.protocol.WireExamples.frame;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** One example of every message to the server, with its exact frame. */
final class ToServerExamples {

    private ToServerExamples() {}

    static Stream<Arguments> frames() {
        return Stream.concat(others(), JobFinishedExamples.frames());
    }

    private static Stream<Arguments> others() {
        return Stream.of(
                frame(
                        new Hello(
                                1,
                                new HostId("01H00000000000000000000001"),
                                "0.1.0",
                                Optional.of("0.14.0"),
                                "linux",
                                "amd64",
                                "web-01",
                                "B1",
                                "Europe/London",
                                3,
                                LATER,
                                List.of(new JobId("01J00000000000000000000001")),
                                "bm9uY2U=",
                                Optional.empty(),
                                "c2ln",
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'hello','protocol_version':1,'host_id':'01H00000000000000000000001','agent_version':'0.1.0',"
                                + "'restic_version':'0.14.0','os':'linux','arch':'amd64','hostname':'web-01',"
                                + "'boot_id':'B1','time_zone':'Europe/London','schedule_version':3,"
                                + "'wall_clock':'2026-03-01T12:00:07.250Z','jobs':['01J00000000000000000000001'],'agent_nonce':'bm9uY2U=',"
                                + "'signature':'c2ln'}"),
                frame(
                        new Hello(
                                1,
                                new HostId("01H00000000000000000000001"),
                                "0.1.0",
                                Optional.empty(),
                                "linux",
                                "amd64",
                                "web-01",
                                "B1",
                                "UTC",
                                3,
                                LATER,
                                List.of(),
                                "bm9uY2U=",
                                Optional.of("I1"),
                                "c2ln",
                                Optional.of("e1"),
                                Optional.of(12L),
                                Optional.of(List.of("question.path")),
                                Optional.of(LATER)),
                        "{'type':'hello','protocol_version':1,'host_id':'01H00000000000000000000001','agent_version':'0.1.0',"
                                + "'os':'linux','arch':'amd64','hostname':'web-01','boot_id':'B1','time_zone':'UTC',"
                                + "'schedule_version':3,'wall_clock':'2026-03-01T12:00:07.250Z','jobs':[],"
                                + "'agent_nonce':'bm9uY2U=','instance_id':'I1','signature':'c2ln','server_epoch':'e1',"
                                + "'acked_sequence':12,'features':['question.path'],"
                                + "'time_zone_since':'2026-03-01T12:00:07.250Z'}"),
                frame(
                        new ToServer.ScheduleHeld(
                                3,
                                List.of(NIGHTLY),
                                Optional.of(new Repository(
                                        new RepositoryUrl("rest:http://nas/"),
                                        Optional.of("u"),
                                        Optional.of("p"),
                                        "r")),
                                Optional.empty()),
                        "{'type':'schedule.held','version':3,'schedules':[" + NIGHTLY_JSON
                                + "],'repository':{'url':'rest:http://nas/','username':'u','password':'p',"
                                + "'repo_password':'r'}}"),
                frame(
                        new ToServer.PolicyReport(new HostPolicy(
                                "/etc/restic-fleet/policy.json",
                                HookRule.LOCAL_ONLY,
                                "/etc/restic-fleet/hooks",
                                List.of("/srv/restore"),
                                false,
                                List.of("rest", "sftp"),
                                Optional.of(new PolicyDuration("12h")),
                                Optional.of(OnOff.OFF),
                                new RepositoryRules(
                                        Optional.of(RetentionRule.LOCAL_ONLY),
                                        Optional.of(new RetentionPolicy(0, 0, 7, 0, 0, 0, Optional.empty())),
                                        Optional.of(new LeastKept(3, new PolicyDuration("7d"))),
                                        Optional.of(OnOff.OFF),
                                        Optional.of(OnOff.ON),
                                        Optional.of(OnOff.OFF)),
                                new ReadingRules(Optional.of(OnOff.OFF), Optional.of(OnOff.ON)),
                                Optional.empty())),
                        "{'type':'policy.report','policy':{'file':'/etc/restic-fleet/policy.json',"
                                + "'hooks':'local-only','hook_directory':'/etc/restic-fleet/hooks',"
                                + "'restore_roots':['/srv/restore'],'restore_in_place':false,"
                                + "'repositories':['rest','sftp'],'longest_run':'12h','questions':'off',"
                                + "'retention':'local-only','retention_policy':{'keep_last':0,'keep_hourly':0,"
                                + "'keep_daily':7,'keep_weekly':0,'keep_monthly':0,'keep_yearly':0},"
                                + "'least_kept':{'count':3,'age':'7d'},'prune':'off','insecure_tls':'on',"
                                + "'cloud_role':'off','index':'off','download':'on'}}"),
                frame(
                        new ToServer.Heartbeat(NOON, Optional.empty(), Optional.empty()),
                        "{'type':'heartbeat','wall_clock':'2026-03-01T12:00:00Z'}"),
                frame(
                        new ToServer.Heartbeat(
                                NOON,
                                Optional.of(new OpenJobs(List.of(new JobId("01J00000000000000000000001")), List.of())),
                                Optional.of(new DiskReport(1_073_741_824, 21_474_836_480L))),
                        "{'type':'heartbeat','wall_clock':'2026-03-01T12:00:00Z',"
                                + "'jobs':{'not_ended':['01J00000000000000000000001'],'unreported':[]},"
                                + "'disk':{'free_bytes':1073741824,'total_bytes':21474836480}}"),
                frame(new ToServer.ScheduleAck(3, Optional.empty()), "{'type':'schedule.ack','version':3}"),
                frame(
                        new ToServer.ScheduleAck(2, Optional.of("disk full")),
                        "{'type':'schedule.ack','version':2,'refused':'disk full'}"),
                frame(
                        new ToServer.ScheduleFire(
                                new JobId("01J00000000000000000000001"),
                                new ScheduleId("01S00000000000000000000001"),
                                NOON,
                                3,
                                Optional.of(JobTrigger.RETRY)),
                        "{'type':'schedule.fire','run_id':'01J00000000000000000000001','schedule_id':'01S00000000000000000000001','due_at':'2026-03-01T12:00:00Z',"
                                + "'schedule_version':3,'trigger':'retry'}"),
                frame(
                        new ToServer.JobStarted(
                                9,
                                new JobId("01J00000000000000000000001"),
                                JobKind.BACKUP,
                                JobTrigger.CRON,
                                Optional.of(new ScheduleId("01S00000000000000000000001")),
                                Optional.of(NOON),
                                LATER),
                        "{'type':'job.started','sequence':9,'job_id':'01J00000000000000000000001','kind':'backup','trigger':'cron',"
                                + "'schedule_id':'01S00000000000000000000001','due_at':'2026-03-01T12:00:00Z',"
                                + "'started_at':'2026-03-01T12:00:07.250Z'}"),
                frame(
                        new ToServer.JobProgress(
                                new JobId("01J00000000000000000000001"),
                                0.5,
                                1,
                                2,
                                3,
                                4,
                                0,
                                Optional.of(5L),
                                Optional.of("/etc/passwd")),
                        "{'type':'job.progress','job_id':'01J00000000000000000000001','fraction_done':0.5,'files_done':1,'total_files':2,"
                                + "'bytes_done':3,'total_bytes':4,'error_count':0,'seconds_remaining':5,"
                                + "'current_file':'/etc/passwd'}"),
                frame(
                        new ToServer.LogStream(
                                new JobId("01J00000000000000000000001"),
                                2,
                                List.of(new LogLine(1, NOON, "agent", "a"), new LogLine(2, NOON, "restic", "b"))),
                        "{'type':'log.stream','job_id':'01J00000000000000000000001','sequence':2,'lines':["
                                + "{'line':1,'at':'2026-03-01T12:00:00Z','stream':'agent','text':'a'},"
                                + "{'line':2,'at':'2026-03-01T12:00:00Z','stream':'restic','text':'b'}]}"),
                frame(
                        new ToServer.JobMissed(
                                11,
                                new JobId("01J00000000000000000000003"),
                                JobKind.BACKUP,
                                new ScheduleId("01S00000000000000000000001"),
                                NOON,
                                Optional.of(NOON.minusSeconds(60)),
                                "asleep"),
                        "{'type':'job.missed','sequence':11,'job_id':'01J00000000000000000000003','kind':'backup','schedule_id':'01S00000000000000000000001',"
                                + "'due_at':'2026-03-01T12:00:00Z','since':'2026-03-01T11:59:00Z','reason':'asleep'}"),
                frame(
                        new ToServer.SnapshotsReport(
                                12,
                                NOON,
                                List.of(new Snapshot(
                                        "abcd",
                                        "ab",
                                        LATER,
                                        "web-01",
                                        "root",
                                        List.of("/etc"),
                                        List.of("schedule:S1"),
                                        Optional.empty(),
                                        Optional.of("ef"),
                                        Optional.empty(),
                                        Optional.of(3L),
                                        Optional.of(4L),
                                        Optional.of(5L),
                                        Optional.of(2L),
                                        Optional.empty()))),
                        "{'type':'snapshots.report','sequence':12,'taken_at':'2026-03-01T12:00:00Z','snapshots':["
                                + "{'id':'abcd','short_id':'ab','time':'2026-03-01T12:00:07.250Z',"
                                + "'hostname':'web-01','username':'root','paths':['/etc'],'tags':['schedule:S1'],"
                                + "'tree':'ef','total_files':3,'total_bytes':4,'data_added':5,'data_added_packed':2}]}"),
                frame(
                        new SnapshotsOffer(
                                2,
                                new RepositoryId("01J00000000000000000000009"),
                                WireExamples.NOON,
                                10_002,
                                "0".repeat(4_096),
                                false),
                        "{'type':'snapshots.offer','report':2,'repository_id':'01J00000000000000000000009',"
                                + "'taken_at':'2026-03-01T12:00:00Z','total':10002,'checksums':'" + "0".repeat(4_096)
                                + "'}"),
                frame(
                        new ToServer.RetentionAsk(
                                new JobId("01J00000000000000000000001"),
                                new RepositoryId("01J00000000000000000000009"),
                                2),
                        "{'type':'retention.ask','job_id':'01J00000000000000000000001',"
                                + "'repository_id':'01J00000000000000000000009','report':2}"),
                frame(
                        new ToServer.CredentialsAsk(new JobId("01J00000000000000000000001")),
                        "{'type':'credentials.ask','job_id':'01J00000000000000000000001'}"),
                frame(
                        new SnapshotsPiece(
                                2,
                                1,
                                List.of(new Snapshot(
                                        "abcd",
                                        "ab",
                                        WireExamples.NOON,
                                        "web-01",
                                        "root",
                                        List.of("/etc"),
                                        List.of(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty())),
                                List.of("ff00000000000001"),
                                true),
                        "{'type':'snapshots.piece','report':2,'number':1,'added':["
                                + "{'id':'abcd','short_id':'ab','time':'2026-03-01T12:00:00Z','hostname':'web-01',"
                                + "'username':'root','paths':['/etc'],'tags':[]}],'removed':['ff00000000000001'],"
                                + "'last':true}"),
                frame(
                        new ToServer.UpgradeReport("failed", Optional.of("0.2.0"), Optional.of("wrong hash")),
                        "{'type':'upgrade.report','state':'failed','version':'0.2.0','detail':'wrong hash'}"),
                frame(
                        new ToServer.Answer(
                                "Q1",
                                new PathReport(
                                        PathReport.Kind.MOUNT_POINT,
                                        true,
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of(new PathReport.Count(
                                                90_000, 10_000, 5, 2, Optional.of(PathReport.Cut.ENTRIES))),
                                        Optional.empty())),
                        "{'type':'answer','re':'Q1','ask':'path','kind':'mount_point','readable':true,"
                                + "'count':{'files':90000,'directories':10000,'bytes':5,'unreadable':2,"
                                + "'cut':'entries'}}"),
                frame(
                        new ToServer.Answer(
                                "Q2",
                                new PathReport(
                                        PathReport.Kind.SYMLINK,
                                        true,
                                        Optional.empty(),
                                        Optional.of("../data"),
                                        Optional.empty(),
                                        Optional.empty())),
                        "{'type':'answer','re':'Q2','ask':'path','kind':'symlink','readable':true,"
                                + "'link_target':'../data'}"),
                frame(
                        new ToServer.Answer(
                                "Q3",
                                new PathReport(
                                        PathReport.Kind.FILE,
                                        false,
                                        Optional.of(7L),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of("the agent may not read it"),
                                        Optional.of("/mnt/disk"))),
                        "{'type':'answer','re':'Q3','ask':'path','kind':'file','readable':false,'size':7,"
                                + "'problem':'the agent may not read it','unmounted':'/mnt/disk'}"),
                frame(
                        new ToServer.Answer(
                                "Q9",
                                new LocksReport(
                                        List.of(new RepositoryLock(
                                                "c0ffee", true, "nas", "root", 4711, "2026-03-01T12:00:00Z")),
                                        2)),
                        "{'type':'answer','re':'Q9','ask':'locks','locks':[{'id':'c0ffee','exclusive':true,'hostname':'nas',"
                                + "'username':'root','pid':4711,'time':'2026-03-01T12:00:00Z'}],'count':2}"),
                frame(
                        new ToServer.Answer(
                                "Q31", PermissionReport.needsApproval("ABCD-EFGH", "not allowed", List.of("no owner"))),
                        "{'type':'answer','re':'Q31','ask':'restore_permission','permission':'needs_approval',"
                                + "'approve_code':'ABCD-EFGH','reason':'not allowed','reason_code':'restore_not_allowed',"
                                + "'remarks':['no owner']}"),
                frame(
                        new ToServer.Answer(
                                "Q5",
                                new SshAccess(
                                        "ssh-ed25519 AAAA x", List.of(new SshHostKey("nas ssh-ed25519 AAAAC3Nz")))),
                        "{'type':'answer','re':'Q5','ask':'ssh_access','public_key':'ssh-ed25519 AAAA x',"
                                + "'host_keys':['nas ssh-ed25519 AAAAC3Nz']}"),
                frame(
                        new ToServer.Answer("Q6", new Reply.FolderSent(12)),
                        "{'type':'answer','re':'Q6','ask':'folder','count':12}"),
                frame(new ToServer.Answer("Q7", new Reply.DumpStarted()), "{'type':'answer','re':'Q7','ask':'dump'}"),
                frame(
                        new ToServer.TreeFailed("T1", "index_off", "not allowed"),
                        "{'type':'tree.failed','request':'T1','code':'index_off','detail':'not allowed'}"),
                frame(
                        new ToServer.Answer("Q4", new Reply.Failure("busy", "too many questions wait")),
                        "{'type':'answer','re':'Q4','code':'busy','detail':'too many questions wait'}"),
                frame(new ToServer.Error("unreadable", "?"), "{'type':'error','code':'unreadable','detail':'?'}"));
    }
}
