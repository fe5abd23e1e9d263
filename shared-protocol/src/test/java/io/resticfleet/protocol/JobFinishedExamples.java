package io.resticfleet.protocol;

import static io.resticfleet.protocol.WireExamples.LATER;
import static io.resticfleet.protocol.WireExamples.LOCKED_OUT;
import static io.resticfleet.protocol.WireExamples.LOCKED_OUT_JSON;
import static io.resticfleet.protocol.WireExamples.NOON;
import static io.resticfleet.protocol.WireExamples.frame;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** One example of the result of every kind of job, with its exact frame. */
final class JobFinishedExamples {

    private JobFinishedExamples() {}

    static Stream<Arguments> frames() {
        return Stream.of(
                frame(
                        new ToServer.JobFinished(
                                10,
                                new JobId("01J00000000000000000000001"),
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
                        "{'type':'job.finished','sequence':10,'job_id':'01J00000000000000000000001','kind':'forget','trigger':'auto',"
                                + "'started_at':'2026-03-01T12:00:00Z','finished_at':'2026-03-01T12:00:07.250Z',"
                                + "'status':'succeeded','exit_code':0,"
                                + "'stats':{'snapshots_kept':5,'snapshots_removed':2}}"),
                frame(
                        new ToServer.JobFinished(
                                12,
                                new JobId("01J00000000000000000000001"),
                                JobKind.BACKUP,
                                JobTrigger.MANUAL,
                                Optional.of(new ScheduleId("01S00000000000000000000001")),
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
                        "{'type':'job.finished','sequence':12,'job_id':'01J00000000000000000000001','kind':'backup','trigger':'manual',"
                                + "'schedule_id':'01S00000000000000000000001','started_at':'2026-03-01T12:00:00Z',"
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
                                new JobId("01J00000000000000000000004"),
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
                                new CheckResult(2, Optional.empty(), Optional.empty())),
                        "{'type':'job.finished','sequence':13,'job_id':'01J00000000000000000000004','kind':'check','trigger':'manual',"
                                + "'started_at':'2026-03-01T12:00:00Z','finished_at':'2026-03-01T12:00:07.250Z',"
                                + "'status':'failed','exit_code':1,'error':'the repository is damaged',"
                                + "'error_code':'damaged','stats':{'error_count':2}}"),
                frame(
                        new ToServer.JobFinished(
                                21,
                                new JobId("01J00000000000000000000011"),
                                JobKind.CHECK,
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(NOON),
                                LATER,
                                JobStatus.SUCCEEDED,
                                Optional.of(0),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                new CheckResult(0, Optional.of(0.25), Optional.empty())),
                        "{'type':'job.finished','sequence':21,'job_id':'01J00000000000000000000011','kind':'check','trigger':'manual',"
                                + "'started_at':'2026-03-01T12:00:00Z','finished_at':'2026-03-01T12:00:07.250Z',"
                                + "'status':'succeeded','exit_code':0,'stats':{'error_count':0,'data_read_share':0.25}}"),
                frame(
                        new ToServer.JobFinished(
                                22,
                                new JobId("01J00000000000000000000012"),
                                JobKind.PRUNE,
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(NOON),
                                LATER,
                                JobStatus.SUCCEEDED,
                                Optional.of(0),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                new PruneResult(1000, 200, 3000, 40)),
                        "{'type':'job.finished','sequence':22,'job_id':'01J00000000000000000000012','kind':'prune','trigger':'manual',"
                                + "'started_at':'2026-03-01T12:00:00Z','finished_at':'2026-03-01T12:00:07.250Z',"
                                + "'status':'succeeded','exit_code':0,'stats':{'removed_bytes':1000,'repacked_bytes':200,'remaining_bytes':3000,'unused_bytes':40}}"),
                frame(
                        new ToServer.JobFinished(
                                24,
                                new JobId("01J00000000000000000000014"),
                                JobKind.STATS,
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(NOON),
                                LATER,
                                JobStatus.SUCCEEDED,
                                Optional.of(0),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                new StatsResult(
                                        1000,
                                        Optional.of(2000L),
                                        7,
                                        3,
                                        Optional.of(List.of(new RepositoryKey(
                                                "c0ffee", true, "root", "web", "2026-03-01 12:00:00"))))),
                        "{'type':'job.finished','sequence':24,'job_id':'01J00000000000000000000014','kind':'stats','trigger':'manual',"
                                + "'started_at':'2026-03-01T12:00:00Z','finished_at':'2026-03-01T12:00:07.250Z',"
                                + "'status':'succeeded','exit_code':0,'stats':{'size_bytes':1000,'uncompressed_bytes':2000,'blob_count':7,"
                                + "'snapshot_count':3,'keys':[{'id':'c0ffee','current':true,'username':'root','hostname':'web',"
                                + "'created':'2026-03-01 12:00:00'}]}}"),
                frame(
                        new ToServer.JobFinished(
                                27,
                                new JobId("01J00000000000000000000D27"),
                                JobKind.DRILL,
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
                                new DrillResult(
                                        26, 900, Optional.of(1.5), 24, 1, 2, 5_000, 70_000, Optional.of("abc"))),
                        "{'type':'job.finished','sequence':27,'job_id':'01J00000000000000000000D27','kind':'drill','trigger':'auto',"
                                + "'started_at':'2026-03-01T12:00:00Z','finished_at':'2026-03-01T12:00:07.250Z',"
                                + "'status':'succeeded','exit_code':0,'stats':{'files':26,'bytes':900,'seconds':1.5,"
                                + "'compared_with_source':24,'canaries':1,'left_out':2,'snapshot_files':5000,'snapshot_bytes':70000,"
                                + "'snapshot_id':'abc'}}"),
                frame(
                        new ToServer.JobFinished(
                                25,
                                new JobId("01J00000000000000000000015"),
                                JobKind.COPY,
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(NOON),
                                LATER,
                                JobStatus.SUCCEEDED,
                                Optional.of(0),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                new CopyResult(3)),
                        "{'type':'job.finished','sequence':25,'job_id':'01J00000000000000000000015','kind':'copy','trigger':'manual',"
                                + "'started_at':'2026-03-01T12:00:00Z','finished_at':'2026-03-01T12:00:07.250Z',"
                                + "'status':'succeeded','exit_code':0,'stats':{'snapshots_copied':3}}"),
                frame(
                        new ToServer.JobFinished(
                                31,
                                new JobId("01J00000000000000000000031"),
                                JobKind.RESTORE,
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(NOON),
                                LATER,
                                JobStatus.SUCCEEDED,
                                Optional.of(0),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                new RestoreResult(7, 2048, 1.5, 1, 2, 3, Optional.of("/srv/back"))),
                        "{'type':'job.finished','sequence':31,'job_id':'01J00000000000000000000031','kind':'restore','trigger':'manual',"
                                + "'started_at':'2026-03-01T12:00:00Z','finished_at':'2026-03-01T12:00:07.250Z',"
                                + "'status':'succeeded','exit_code':0,'stats':{'files':7,'bytes':2048,'seconds':1.5,'failed':1,"
                                + "'kept':2,'removed':3,'target':'/srv/back'}}"),
                frame(
                        new ToServer.JobFinished(
                                27,
                                new JobId("01J00000000000000000000018"),
                                JobKind.ROTATE_KEY,
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
                                new RotateKeyResult(
                                        Optional.of("c0ffee00"), Optional.of("decaf000"), Optional.empty())),
                        "{'type':'job.finished','sequence':27,'job_id':'01J00000000000000000000018','kind':'rotate_key',"
                                + "'trigger':'auto','started_at':'2026-03-01T12:00:00Z',"
                                + "'finished_at':'2026-03-01T12:00:07.250Z','status':'succeeded','exit_code':0,"
                                + "'stats':{'key_id':'c0ffee00','earlier_key_id':'decaf000'}}"),
                frame(
                        new ToServer.JobFinished(
                                26,
                                new JobId("01J00000000000000000000016"),
                                JobKind.UNLOCK,
                                JobTrigger.MANUAL,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(NOON),
                                LATER,
                                JobStatus.SUCCEEDED,
                                Optional.of(0),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                new UnlockResult(
                                        1,
                                        List.of(new RepositoryLock(
                                                "c0ffee", false, "web", "root", 4711, "2026-03-01T12:00:00Z")))),
                        "{'type':'job.finished','sequence':26,'job_id':'01J00000000000000000000016','kind':'unlock','trigger':'manual',"
                                + "'started_at':'2026-03-01T12:00:00Z','finished_at':'2026-03-01T12:00:07.250Z',"
                                + "'status':'succeeded','exit_code':0,'stats':{'removed':1,'locks':[{'id':'c0ffee','exclusive':false,'hostname':'web',"
                                + "'username':'root','pid':4711,'time':'2026-03-01T12:00:00Z'}]}}"),
                frame(LOCKED_OUT, LOCKED_OUT_JSON));
    }
}
