package io.resticfleet.protocol;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Every message as it goes over the wire. */
final class WireExamples {

    static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    static final Instant LATER = Instant.parse("2026-03-01T12:00:07.25Z");

    static final TransferToken TRANSFER = new TransferToken("Tr4nsf3r" + "-_".repeat(17) + "x");

    static final Schedule NIGHTLY = new Schedule(
            new ScheduleId("01S00000000000000000000001"),
            JobKind.BACKUP,
            "nightly",
            true,
            false,
            Optional.of("30 2 * * *"),
            Optional.of("Europe/London"),
            List.of("/etc"),
            List.of("*.tmp"),
            List.of("n"),
            new RetentionPolicy(0, 0, 14, 8, 12, 0, Optional.of("30d")),
            new BackupOptions(
                    true,
                    true,
                    0,
                    false,
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()),
            new Hooks(Optional.of("pg_dump"), Optional.empty()),
            CatchUp.parse("within:6h"),
            15,
            Optional.empty());

    static final String NIGHTLY_JSON =
            "{'id':'01S00000000000000000000001','kind':'backup','name':'nightly','enabled':true,'manual':false,"
                    + "'cron':'30 2 * * *','time_zone':'Europe/London','paths':['/etc'],'excludes':['*.tmp'],'tags':['n'],"
                    + "'retention':{'keep_last':0,'keep_hourly':0,'keep_daily':14,'keep_weekly':8,'keep_monthly':12,"
                    + "'keep_yearly':0,'keep_within':'30d'},"
                    + "'options':{'one_file_system':true,'exclude_caches':true,'limit_upload_kib':0},"
                    + "'hooks':{'pre':'pg_dump'},'catch_up':'within:6h','jitter_minutes':15}";

    static final Schedule MONTHLY_CHECK = new Schedule(
            new ScheduleId("01S00000000000000000000002"),
            JobKind.CHECK,
            "check",
            true,
            true,
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            List.of(),
            RetentionPolicy.NONE,
            BackupOptions.NONE,
            Hooks.NONE,
            CatchUp.RUN_ONCE,
            0,
            Optional.empty());

    static final String MONTHLY_CHECK_JSON =
            "{'id':'01S00000000000000000000002','kind':'check','name':'check','enabled':true,'manual':true,"
                    + "'paths':[],'excludes':[],'tags':[],"
                    + "'retention':{'keep_last':0,'keep_hourly':0,'keep_daily':0,'keep_weekly':0,'keep_monthly':0,"
                    + "'keep_yearly':0},"
                    + "'options':{'one_file_system':false,'exclude_caches':false,'limit_upload_kib':0},"
                    + "'hooks':{},'catch_up':'run_once','jitter_minutes':0}";

    static final ToServer.JobFinished LOCKED_OUT = new ToServer.JobFinished(
            11,
            new JobId("01J00000000000000000000001"),
            JobKind.PRUNE,
            JobTrigger.CRON,
            Optional.of(new ScheduleId("01S00000000000000000000001")),
            Optional.of(NOON),
            Optional.of(NOON),
            LATER,
            JobStatus.FAILED,
            Optional.of(11),
            Optional.of("the repository is locked"),
            Optional.of(ErrorCode.LOCKED.reported()),
            Optional.empty(),
            new NoResult());

    static final String LOCKED_OUT_JSON =
            "{'type':'job.finished','sequence':11,'job_id':'01J00000000000000000000001','kind':'prune','trigger':'cron',"
                    + "'schedule_id':'01S00000000000000000000001','due_at':'2026-03-01T12:00:00Z',"
                    + "'started_at':'2026-03-01T12:00:00Z','finished_at':'2026-03-01T12:00:07.250Z',"
                    + "'status':'failed','exit_code':11,'error':'the repository is locked',"
                    + "'error_code':'locked','stats':{}}";

    private WireExamples() {}

    /** One or more of every message there is, as it goes over the wire; ' stands for ". */
    static Stream<Arguments> frames() {
        return Stream.of(toAgent(), QuestionExamples.frames(), ToServerExamples.frames())
                .flatMap(part -> part);
    }

    private static Stream<Arguments> toAgent() {
        return Stream.of(
                frame(
                        new ToAgent.Challenge(1, "bm9uY2U="),
                        "{'type':'challenge','protocol_version':1,'nonce':'bm9uY2U='}"),
                frame(
                        new ToAgent.Welcome(
                                "0.1.0",
                                20,
                                NOON,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'welcome','server_version':'0.1.0','heartbeat_seconds':20,"
                                + "'server_time':'2026-03-01T12:00:00Z'}"),
                frame(
                        new ToAgent.Welcome(
                                "0.1.0",
                                20,
                                NOON,
                                Optional.of("e1"),
                                Optional.of(12L),
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'welcome','server_version':'0.1.0','heartbeat_seconds':20,"
                                + "'server_time':'2026-03-01T12:00:00Z','epoch':'e1','stored_sequence':12}"),
                frame(
                        new ToAgent.Welcome(
                                "0.1.0",
                                20,
                                NOON,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(List.of("a1", "b2")),
                                Optional.empty()),
                        "{'type':'welcome','server_version':'0.1.0','heartbeat_seconds':20,"
                                + "'server_time':'2026-03-01T12:00:00Z','pins':['a1','b2']}"),
                frame(new ToAgent.ScheduleAsk(), "{'type':'schedule.ask'}"),
                frame(
                        new ToAgent.Reject("protocol_too_old", "upgrade the agent", true),
                        "{'type':'reject','code':'protocol_too_old','detail':'upgrade the agent','permanent':true}"),
                frame(
                        new ToAgent.ScheduleSet(3, List.of(NIGHTLY)),
                        "{'type':'schedule.set','version':3,'schedules':[" + NIGHTLY_JSON + "]}"),
                frame(
                        new ToAgent.ScheduleSet(
                                5, List.of(), Optional.of(List.of(new JobId("01J00000000000000000000001")))),
                        "{'type':'schedule.set','version':5,'schedules':[],"
                                + "'accepted_runs':['01J00000000000000000000001']}"),
                frame(new ToAgent.ScheduleSet(4, List.of()), "{'type':'schedule.set','version':4,'schedules':[]}"),
                frame(
                        new ToAgent.ConfigUpdate(
                                "web-01",
                                new Repository(
                                        new RepositoryUrl("rest:http://nas/"), Optional.of("u"), Optional.of("p"), "r"),
                                true,
                                Optional.of(new RepositoryId("01R00000000000000000000001")),
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'config.update','hostname':'web-01','repository':{'url':'rest:http://nas/',"
                                + "'username':'u','password':'p','repo_password':'r'},'repository_known':true,"
                                + "'repository_id':'01R00000000000000000000001'}"),
                frame(
                        new ToAgent.ConfigUpdate(
                                "web-01",
                                new Repository(
                                        new RepositoryUrl("s3:https://nas/bucket"),
                                        Optional.of("u"),
                                        Optional.of("p"),
                                        "r",
                                        Map.of("AWS_SESSION_TOKEN", "t", "AWS_DEFAULT_REGION", "eu-1"),
                                        Optional.of(new RepositoryTls(Optional.empty(), true)),
                                        List.of()),
                                false,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'config.update','hostname':'web-01','repository':{'url':'s3:https://nas/bucket',"
                                + "'username':'u','password':'p','repo_password':'r','env':{'AWS_DEFAULT_REGION':'eu-1',"
                                + "'AWS_SESSION_TOKEN':'t'},'tls':{'insecure':true}},'repository_known':false}"),
                frame(
                        new ToAgent.ConfigUpdate(
                                "web-01",
                                new Repository(
                                        new RepositoryUrl("sftp:nas:/srv"),
                                        Optional.empty(),
                                        Optional.empty(),
                                        "r",
                                        Map.of(),
                                        Optional.empty(),
                                        List.of(new SshHostKey("nas ssh-ed25519 AAAAC3Nz"))),
                                false,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'config.update','hostname':'web-01','repository':{'url':'sftp:nas:/srv',"
                                + "'repo_password':'r','ssh_host_keys':['nas ssh-ed25519 AAAAC3Nz']},'repository_known':false}"),
                frame(
                        new ToAgent.ConfigUpdate(
                                "web-01",
                                new Repository(
                                        new RepositoryUrl("rest:http://nas/"), Optional.empty(), Optional.empty(), "r"),
                                true,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(new Pause(
                                        NOON, "anna", Optional.of(NOON.plusSeconds(3_600)), Optional.of("new disks")))),
                        "{'type':'config.update','hostname':'web-01','repository':{'url':'rest:http://nas/',"
                                + "'repo_password':'r'},'repository_known':true,'pause':{'at':'2026-03-01T12:00:00Z',"
                                + "'by':'anna','until':'2026-03-01T13:00:00Z','reason':'new disks'}}"),
                frame(
                        new ToAgent.CommandRun(
                                new JobId("01J00000000000000000000001"),
                                JobSpec.of(NIGHTLY),
                                JobTrigger.CRON,
                                Optional.of(NOON),
                                Optional.of(new RepositoryId("01R00000000000000000000001"))),
                        "{'type':'command.run','job_id':'01J00000000000000000000001','kind':'backup','schedule':"
                                + NIGHTLY_JSON
                                + ",'trigger':'cron','due_at':'2026-03-01T12:00:00Z','repository_id':'01R00000000000000000000001'}"),
                frame(
                        new ToAgent.CommandRun(
                                new JobId("01J00000000000000000000002"),
                                new JobSpec.Unlock(false),
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'command.run','job_id':'01J00000000000000000000002','kind':'unlock','trigger':'manual'}"),
                frame(
                        new ToAgent.CommandRun(
                                new JobId("01J00000000000000000000004"),
                                new JobSpec.Probe(
                                        new Repository(
                                                new RepositoryUrl("rest:http://nas/"),
                                                Optional.of("u"),
                                                Optional.of("p"),
                                                "r"),
                                        false),
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'command.run','job_id':'01J00000000000000000000004','kind':'probe','candidate':"
                                + "{'url':'rest:http://nas/','username':'u','password':'p','repo_password':'r'},"
                                + "'trigger':'manual'}"),
                frame(
                        new ToAgent.CommandRun(
                                new JobId("01J00000000000000000000003"),
                                JobSpec.of(MONTHLY_CHECK),
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'command.run','job_id':'01J00000000000000000000003','kind':'check','schedule':"
                                + MONTHLY_CHECK_JSON + ",'trigger':'manual'}"),
                frame(
                        new ToAgent.CommandRun(
                                new JobId("01J00000000000000000000001"),
                                new JobOrder.AsHeld(JobKind.BACKUP),
                                JobTrigger.CRON,
                                Optional.of(NOON),
                                Optional.empty()),
                        "{'type':'command.run','job_id':'01J00000000000000000000001','kind':'backup','trigger':'cron',"
                                + "'due_at':'2026-03-01T12:00:00Z'}"),
                frame(
                        new ToAgent.CommandRun(
                                new JobId("01J00000000000000000000011"),
                                new JobSpec.Check(Optional.empty(), Optional.of(new DataPart(3, 7))),
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'command.run','job_id':'01J00000000000000000000011','kind':'check','read_data':'3/7','trigger':'manual'}"),
                frame(
                        new ToAgent.CommandRun(
                                new JobId("01J00000000000000000000012"),
                                new JobSpec.Prune(Optional.empty(), Optional.of(new UnusedLimit("5%")), true),
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'command.run','job_id':'01J00000000000000000000012','kind':'prune','max_unused':'5%','dry_run':true,'trigger':'manual'}"),
                frame(
                        new ToAgent.CommandRun(
                                new JobId("01J00000000000000000000013"),
                                new JobSpec.Init(Optional.of(new RepositoryId("01R00000000000000000000001"))),
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'command.run','job_id':'01J00000000000000000000013','kind':'init','chunker_of':'01R00000000000000000000001','trigger':'manual'}"),
                frame(
                        new ToAgent.CommandRun(
                                new JobId("01J00000000000000000000014"),
                                JobSpec.once(JobKind.STATS),
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'command.run','job_id':'01J00000000000000000000014','kind':'stats','trigger':'manual'}"),
                frame(
                        new ToAgent.CommandRun(
                                new JobId("01J00000000000000000000015"),
                                new JobSpec.Copy(Optional.empty(), new RepositoryId("01R00000000000000000000001")),
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'command.run','job_id':'01J00000000000000000000015','kind':'copy','to':'01R00000000000000000000001','trigger':'manual'}"),
                frame(
                        new ToAgent.CommandRun(
                                new JobId("01J00000000000000000000D27"),
                                new Drill(
                                        Optional.empty(),
                                        new DrillSample(Optional.of(25), Optional.of(1_000L), Optional.empty()),
                                        List.of("/etc/fstab"),
                                        Optional.of(new ScheduleId("01S00000000000000000000001"))),
                                JobTrigger.AUTO,
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'command.run','job_id':'01J00000000000000000000D27','kind':'drill','sample':{'files':25,'bytes':1000},"
                                + "'canaries':['/etc/fstab'],'of_schedule':'01S00000000000000000000001','trigger':'auto'}"),
                frame(
                        new ToAgent.CommandRun(
                                new JobId("01J00000000000000000000016"),
                                new JobSpec.RepairIndex(),
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'command.run','job_id':'01J00000000000000000000016','kind':'repair_index','trigger':'manual'}"),
                frame(
                        new ToAgent.CommandRun(
                                new JobId("01J00000000000000000000017"),
                                new JobSpec.RepairSnapshots(),
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'command.run','job_id':'01J00000000000000000000017','kind':'repair_snapshots','trigger':'manual'}"),
                frame(
                        new ToAgent.CommandRun(
                                new JobId("01J00000000000000000000018"),
                                new RotateKey(RotateKey.Step.PROVE, Optional.of("c0ffee00")),
                                JobTrigger.AUTO,
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'command.run','job_id':'01J00000000000000000000018','kind':'rotate_key','step':'prove',"
                                + "'key_id':'c0ffee00','trigger':'auto'}"),
                frame(
                        new ToAgent.CommandRun(
                                new JobId("01J00000000000000000000031"),
                                QuestionExamples.restore(),
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.of(new RepositoryId("01R00000000000000000000001"))),
                        "{'type':'command.run','job_id':'01J00000000000000000000031','kind':'restore',"
                                + QuestionExamples.RESTORE
                                + ",'trigger':'manual','repository_id':'01R00000000000000000000001'}"),
                frame(
                        new ToAgent.CommandHold(new JobId("01J00000000000000000000001"), "busy"),
                        "{'type':'command.hold','job_id':'01J00000000000000000000001','reason':'busy'}"),
                frame(
                        new ToAgent.CommandRefuse(new JobId("01J00000000000000000000001"), "disabled"),
                        "{'type':'command.refuse','job_id':'01J00000000000000000000001','reason':'disabled'}"),
                frame(
                        new ToAgent.CommandCancel(new JobId("01J00000000000000000000001")),
                        "{'type':'command.cancel','job_id':'01J00000000000000000000001'}"),
                frame(new ToAgent.SnapshotsAsk(), "{'type':'snapshots.ask'}"),
                frame(
                        new ToAgent.SnapshotsWanted(2, List.of(0, 255), List.of("ff00000000000001")),
                        "{'type':'snapshots.wanted','report':2,'buckets':[0,255],'known':['ff00000000000001']}"),
                frame(new ToAgent.SnapshotsStored(2, 1, false), "{'type':'snapshots.stored','report':2,'number':1}"),
                frame(
                        new ToAgent.SnapshotsStored(2, 3, true),
                        "{'type':'snapshots.stored','report':2,'number':3,'complete':true}"),
                frame(
                        new ToAgent.RetentionPlan(
                                new JobId("01J00000000000000000000001"), List.of("ab".repeat(32)), Optional.empty()),
                        "{'type':'retention.plan','job_id':'01J00000000000000000000001','remove':['" + "ab".repeat(32)
                                + "']}"),
                frame(
                        new ToAgent.CredentialsGrant(
                                new JobId("01J00000000000000000000001"), Optional.empty(), Optional.of("another host")),
                        "{'type':'credentials.grant','job_id':'01J00000000000000000000001','refused':'another host'}"),
                frame(new ToAgent.EventAck(12), "{'type':'event.ack','sequence':12}"),
                frame(
                        new ToAgent.LogAck(new JobId("01J00000000000000000000001"), 40),
                        "{'type':'log.ack','job_id':'01J00000000000000000000001','sequence':40}"),
                frame(new ToAgent.CloneNotice(NOON), "{'type':'twin.notice','since':'2026-03-01T12:00:00Z'}"),
                frame(
                        new ToAgent.AgentUpgrade("0.2.0", "ab12", 3_000_000),
                        "{'type':'agent.upgrade','version':'0.2.0','sha256':'ab12','size':3000000}"),
                frame(new ToAgent.Error("unknown_type", "?"), "{'type':'error','code':'unknown_type','detail':'?'}"));
    }

    static Arguments frame(Object message, String frame) {
        return arguments(message, frame.replace('\'', '"'));
    }
}
