package io.resticfleet.protocol;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Every message as it goes over the wire. */
final class WireExamples {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant LATER = Instant.parse("2026-03-01T12:00:07.25Z");

    static final Schedule NIGHTLY = new Schedule(
            "S1",
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
            new BackupOptions(true, true, 0),
            new Hooks(Optional.of("pg_dump"), Optional.empty()),
            CatchUp.parse("within:6h"),
            15);

    private static final String NIGHTLY_JSON =
            "{'id':'S1','kind':'backup','name':'nightly','enabled':true,'manual':false,"
                    + "'cron':'30 2 * * *','time_zone':'Europe/London','paths':['/etc'],'excludes':['*.tmp'],'tags':['n'],"
                    + "'retention':{'keep_last':0,'keep_hourly':0,'keep_daily':14,'keep_weekly':8,'keep_monthly':12,"
                    + "'keep_yearly':0,'keep_within':'30d'},"
                    + "'options':{'one_file_system':true,'exclude_caches':true,'limit_upload_kib':0},"
                    + "'hooks':{'pre':'pg_dump'},'catch_up':'within:6h','jitter_minutes':15}";

    private static final Schedule MONTHLY_CHECK = new Schedule(
            "S2",
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
            0);

    private static final String MONTHLY_CHECK_JSON =
            "{'id':'S2','kind':'check','name':'check','enabled':true,'manual':true,"
                    + "'paths':[],'excludes':[],'tags':[],"
                    + "'retention':{'keep_last':0,'keep_hourly':0,'keep_daily':0,'keep_weekly':0,'keep_monthly':0,"
                    + "'keep_yearly':0},"
                    + "'options':{'one_file_system':false,'exclude_caches':false,'limit_upload_kib':0},"
                    + "'hooks':{},'catch_up':'run_once','jitter_minutes':0}";

    static final ToServer.JobFinished LOCKED_OUT = new ToServer.JobFinished(
            11,
            "J1",
            JobKind.PRUNE,
            JobTrigger.CRON,
            Optional.of("S1"),
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
            "{'type':'job.finished','sequence':11,'job_id':'J1','kind':'prune','trigger':'cron',"
                    + "'schedule_id':'S1','due_at':'2026-03-01T12:00:00Z',"
                    + "'started_at':'2026-03-01T12:00:00Z','finished_at':'2026-03-01T12:00:07.250Z',"
                    + "'status':'failed','exit_code':11,'error':'the repository is locked',"
                    + "'error_code':'locked','stats':{}}";

    private WireExamples() {}

    /** One or more of every message there is, as it goes over the wire; ' stands for ". */
    static Stream<Arguments> frames() {
        return Stream.concat(toAgent(), toServer());
    }

    private static Stream<Arguments> toAgent() {
        return Stream.of(
                frame(
                        new ToAgent.Challenge(1, "bm9uY2U="),
                        "{'type':'challenge','protocol_version':1,'nonce':'bm9uY2U='}"),
                frame(
                        new ToAgent.Welcome("0.1.0", 20, NOON, Optional.empty(), Optional.empty(), Optional.empty()),
                        "{'type':'welcome','server_version':'0.1.0','heartbeat_seconds':20,"
                                + "'server_time':'2026-03-01T12:00:00Z'}"),
                frame(
                        new ToAgent.Welcome("0.1.0", 20, NOON, Optional.of("e1"), Optional.of(12L), Optional.empty()),
                        "{'type':'welcome','server_version':'0.1.0','heartbeat_seconds':20,"
                                + "'server_time':'2026-03-01T12:00:00Z','epoch':'e1','stored_sequence':12}"),
                frame(
                        new ToAgent.Welcome(
                                "0.1.0",
                                20,
                                NOON,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(List.of("a1", "b2"))),
                        "{'type':'welcome','server_version':'0.1.0','heartbeat_seconds':20,"
                                + "'server_time':'2026-03-01T12:00:00Z','pins':['a1','b2']}"),
                frame(new ToAgent.ScheduleAsk(), "{'type':'schedule.ask'}"),
                frame(
                        new ToAgent.Reject("protocol_too_old", "upgrade the agent", true),
                        "{'type':'reject','code':'protocol_too_old','detail':'upgrade the agent','permanent':true}"),
                frame(
                        new ToAgent.ScheduleSet(3, List.of(NIGHTLY)),
                        "{'type':'schedule.set','version':3,'schedules':[" + NIGHTLY_JSON + "]}"),
                frame(new ToAgent.ScheduleSet(4, List.of()), "{'type':'schedule.set','version':4,'schedules':[]}"),
                frame(
                        new ToAgent.ConfigUpdate(
                                "web-01",
                                new Repository(
                                        new RepositoryUrl("rest:http://nas/"), Optional.of("u"), Optional.of("p"), "r"),
                                true,
                                Optional.of("R1")),
                        "{'type':'config.update','hostname':'web-01','repository':{'url':'rest:http://nas/',"
                                + "'username':'u','password':'p','repo_password':'r'},'repository_known':true,"
                                + "'repository_id':'R1'}"),
                frame(
                        new ToAgent.CommandRun(
                                "J1", JobSpec.of(NIGHTLY), JobTrigger.CRON, Optional.of(NOON), Optional.of("R1")),
                        "{'type':'command.run','job_id':'J1','kind':'backup','schedule':" + NIGHTLY_JSON
                                + ",'trigger':'cron','due_at':'2026-03-01T12:00:00Z','repository_id':'R1'}"),
                frame(
                        new ToAgent.CommandRun(
                                "J2", new JobSpec.Unlock(), JobTrigger.MANUAL, Optional.empty(), Optional.empty()),
                        "{'type':'command.run','job_id':'J2','kind':'unlock','trigger':'manual'}"),
                frame(
                        new ToAgent.CommandRun(
                                "J3", JobSpec.of(MONTHLY_CHECK), JobTrigger.MANUAL, Optional.empty(), Optional.empty()),
                        "{'type':'command.run','job_id':'J3','kind':'check','schedule':" + MONTHLY_CHECK_JSON
                                + ",'trigger':'manual'}"),
                frame(
                        new ToAgent.CommandRun(
                                "J1",
                                new JobOrder.AsHeld(JobKind.BACKUP),
                                JobTrigger.CRON,
                                Optional.of(NOON),
                                Optional.empty()),
                        "{'type':'command.run','job_id':'J1','kind':'backup','trigger':'cron',"
                                + "'due_at':'2026-03-01T12:00:00Z'}"),
                frame(new ToAgent.CommandHold("J1", "busy"), "{'type':'command.hold','job_id':'J1','reason':'busy'}"),
                frame(
                        new ToAgent.CommandRefuse("J1", "disabled"),
                        "{'type':'command.refuse','job_id':'J1','reason':'disabled'}"),
                frame(new ToAgent.CommandCancel("J1"), "{'type':'command.cancel','job_id':'J1'}"),
                frame(
                        new ToAgent.Question("Q1", 5_000, new Ask.Path("/srv/data", true)),
                        "{'type':'question','id':'Q1','limit_ms':5000,'ask':'path','path':'/srv/data',"
                                + "'one_file_system':true}"),
                frame(new ToAgent.QuestionCancel("Q1"), "{'type':'question.cancel','id':'Q1'}"),
                frame(new ToAgent.EventAck(12), "{'type':'event.ack','sequence':12}"),
                frame(new ToAgent.LogAck("J1", 40), "{'type':'log.ack','job_id':'J1','sequence':40}"),
                frame(new ToAgent.CloneNotice(NOON), "{'type':'twin.notice','since':'2026-03-01T12:00:00Z'}"),
                frame(
                        new ToAgent.AgentUpgrade("0.2.0", "ab12", 3_000_000),
                        "{'type':'agent.upgrade','version':'0.2.0','sha256':'ab12','size':3000000}"),
                frame(new ToAgent.Error("unknown_type", "?"), "{'type':'error','code':'unknown_type','detail':'?'}"));
    }

    private static Stream<Arguments> toServer() {
        return Stream.of(
                frame(
                        new ToServer.Hello(
                                1,
                                "H1",
                                "0.1.0",
                                Optional.of("0.14.0"),
                                "linux",
                                "amd64",
                                "web-01",
                                "B1",
                                "Europe/London",
                                3,
                                LATER,
                                List.of("J1"),
                                "bm9uY2U=",
                                Optional.empty(),
                                "c2ln",
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()),
                        "{'type':'hello','protocol_version':1,'host_id':'H1','agent_version':'0.1.0',"
                                + "'restic_version':'0.14.0','os':'linux','arch':'amd64','hostname':'web-01',"
                                + "'boot_id':'B1','time_zone':'Europe/London','schedule_version':3,"
                                + "'wall_clock':'2026-03-01T12:00:07.250Z','jobs':['J1'],'agent_nonce':'bm9uY2U=',"
                                + "'signature':'c2ln'}"),
                frame(
                        new ToServer.Hello(
                                1,
                                "H1",
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
                                Optional.of(List.of("question.path"))),
                        "{'type':'hello','protocol_version':1,'host_id':'H1','agent_version':'0.1.0',"
                                + "'os':'linux','arch':'amd64','hostname':'web-01','boot_id':'B1','time_zone':'UTC',"
                                + "'schedule_version':3,'wall_clock':'2026-03-01T12:00:07.250Z','jobs':[],"
                                + "'agent_nonce':'bm9uY2U=','instance_id':'I1','signature':'c2ln','server_epoch':'e1',"
                                + "'acked_sequence':12,'features':['question.path']}"),
                frame(
                        new ToServer.ScheduleHeld(
                                3,
                                List.of(NIGHTLY),
                                Optional.of(new Repository(
                                        new RepositoryUrl("rest:http://nas/"),
                                        Optional.of("u"),
                                        Optional.of("p"),
                                        "r"))),
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
                                Optional.of(new RunLimit("12h")),
                                Optional.of(QuestionRule.OFF),
                                Optional.empty())),
                        "{'type':'policy.report','policy':{'file':'/etc/restic-fleet/policy.json',"
                                + "'hooks':'local-only','hook_directory':'/etc/restic-fleet/hooks',"
                                + "'restore_roots':['/srv/restore'],'restore_in_place':false,"
                                + "'repositories':['rest','sftp'],'longest_run':'12h','questions':'off'}}"),
                frame(new ToServer.Heartbeat(NOON), "{'type':'heartbeat','wall_clock':'2026-03-01T12:00:00Z'}"),
                frame(new ToServer.ScheduleAck(3, Optional.empty()), "{'type':'schedule.ack','version':3}"),
                frame(
                        new ToServer.ScheduleAck(2, Optional.of("disk full")),
                        "{'type':'schedule.ack','version':2,'refused':'disk full'}"),
                frame(
                        new ToServer.ScheduleFire("J1", "S1", NOON, 3, Optional.of(JobTrigger.RETRY)),
                        "{'type':'schedule.fire','run_id':'J1','schedule_id':'S1','due_at':'2026-03-01T12:00:00Z',"
                                + "'schedule_version':3,'trigger':'retry'}"),
                frame(
                        new ToServer.JobStarted(
                                9, "J1", JobKind.BACKUP, JobTrigger.CRON, Optional.of("S1"), Optional.of(NOON), LATER),
                        "{'type':'job.started','sequence':9,'job_id':'J1','kind':'backup','trigger':'cron',"
                                + "'schedule_id':'S1','due_at':'2026-03-01T12:00:00Z',"
                                + "'started_at':'2026-03-01T12:00:07.250Z'}"),
                frame(
                        new ToServer.JobProgress("J1", 0.5, 1, 2, 3, 4, 0, Optional.of(5L), Optional.of("/etc/passwd")),
                        "{'type':'job.progress','job_id':'J1','fraction_done':0.5,'files_done':1,'total_files':2,"
                                + "'bytes_done':3,'total_bytes':4,'error_count':0,'seconds_remaining':5,"
                                + "'current_file':'/etc/passwd'}"),
                frame(
                        new ToServer.LogStream(
                                "J1",
                                2,
                                List.of(new LogLine(1, NOON, "agent", "a"), new LogLine(2, NOON, "restic", "b"))),
                        "{'type':'log.stream','job_id':'J1','sequence':2,'lines':["
                                + "{'line':1,'at':'2026-03-01T12:00:00Z','stream':'agent','text':'a'},"
                                + "{'line':2,'at':'2026-03-01T12:00:00Z','stream':'restic','text':'b'}]}"),
                frame(
                        new ToServer.JobFinished(
                                10,
                                "J1",
                                JobKind.FORGET,
                                JobTrigger.AUTO,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(NOON),
                                LATER,
                                JobStatus.SUCCEEDED,
                                Optional.of(0),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                new ForgetResult(5, 2)),
                        "{'type':'job.finished','sequence':10,'job_id':'J1','kind':'forget','trigger':'auto',"
                                + "'started_at':'2026-03-01T12:00:00Z','finished_at':'2026-03-01T12:00:07.250Z',"
                                + "'status':'succeeded','exit_code':0,"
                                + "'stats':{'snapshots_kept':5,'snapshots_removed':2}}"),
                frame(
                        new ToServer.JobFinished(
                                12,
                                "J1",
                                JobKind.BACKUP,
                                JobTrigger.MANUAL,
                                Optional.of("S1"),
                                Optional.empty(),
                                Optional.of(NOON),
                                LATER,
                                JobStatus.PARTIAL,
                                Optional.of(3),
                                Optional.of("one file could not be read"),
                                Optional.of(ErrorCode.FILES_UNREADABLE.reported()),
                                Optional.of("0123abcd"),
                                new BackupResult(
                                        1,
                                        2,
                                        3,
                                        4,
                                        5,
                                        6,
                                        700,
                                        Optional.of(600L),
                                        6,
                                        8_000,
                                        1.5,
                                        1,
                                        Optional.of(5L),
                                        Optional.of(2L))),
                        "{'type':'job.finished','sequence':12,'job_id':'J1','kind':'backup','trigger':'manual',"
                                + "'schedule_id':'S1','started_at':'2026-03-01T12:00:00Z',"
                                + "'finished_at':'2026-03-01T12:00:07.250Z','status':'partial','exit_code':3,"
                                + "'error':'one file could not be read','error_code':'files_unreadable',"
                                + "'snapshot_id':'0123abcd','stats':{'files_new':1,'files_changed':2,"
                                + "'files_unmodified':3,'dirs_new':4,'dirs_changed':5,'dirs_unmodified':6,"
                                + "'data_added':700,'data_added_packed':600,'total_files_processed':6,"
                                + "'total_bytes_processed':8000,'total_duration':1.5,'error_count':1,"
                                + "'snapshots_kept':5,'snapshots_removed':2}}"),
                frame(
                        new ToServer.JobFinished(
                                13,
                                "J4",
                                JobKind.CHECK,
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(NOON),
                                LATER,
                                JobStatus.FAILED,
                                Optional.of(1),
                                Optional.of("the repository is damaged"),
                                Optional.of(ErrorCode.DAMAGED.reported()),
                                Optional.empty(),
                                new CheckResult(2)),
                        "{'type':'job.finished','sequence':13,'job_id':'J4','kind':'check','trigger':'manual',"
                                + "'started_at':'2026-03-01T12:00:00Z','finished_at':'2026-03-01T12:00:07.250Z',"
                                + "'status':'failed','exit_code':1,'error':'the repository is damaged',"
                                + "'error_code':'damaged','stats':{'error_count':2}}"),
                frame(LOCKED_OUT, LOCKED_OUT_JSON),
                frame(
                        new ToServer.JobMissed(
                                11, "J3", JobKind.BACKUP, "S1", NOON, Optional.of(NOON.minusSeconds(60)), "asleep"),
                        "{'type':'job.missed','sequence':11,'job_id':'J3','kind':'backup','schedule_id':'S1',"
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
                                        Optional.of(4L)))),
                        "{'type':'snapshots.report','sequence':12,'taken_at':'2026-03-01T12:00:00Z','snapshots':["
                                + "{'id':'abcd','short_id':'ab','time':'2026-03-01T12:00:07.250Z',"
                                + "'hostname':'web-01','username':'root','paths':['/etc'],'tags':['schedule:S1'],"
                                + "'tree':'ef','total_files':3,'total_bytes':4}]}"),
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
                                        Optional.of("the agent may not read it"))),
                        "{'type':'answer','re':'Q3','ask':'path','kind':'file','readable':false,'size':7,"
                                + "'problem':'the agent may not read it'}"),
                frame(
                        new ToServer.Answer("Q4", new Reply.Failure("busy", "too many questions wait")),
                        "{'type':'answer','re':'Q4','code':'busy','detail':'too many questions wait'}"),
                frame(new ToServer.Error("unreadable", "?"), "{'type':'error','code':'unreadable','detail':'?'}"));
    }

    private static Arguments frame(Object message, String frame) {
        return arguments(message, frame.replace('\'', '"'));
    }
}
