package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class WireTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant LATER = Instant.parse("2026-03-01T12:00:07.25Z");

    private static final Schedule NIGHTLY = new Schedule(
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

    private static final ToServer.JobFinished LOCKED_OUT = new ToServer.JobFinished(
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
            Optional.of("locked"),
            Optional.empty(),
            JobStats.NONE);

    private static final String LOCKED_OUT_JSON =
            "{'type':'job.finished','sequence':11,'job_id':'J1','kind':'prune','trigger':'cron',"
                    + "'schedule_id':'S1','due_at':'2026-03-01T12:00:00Z',"
                    + "'started_at':'2026-03-01T12:00:00Z','finished_at':'2026-03-01T12:00:07.250Z',"
                    + "'status':'failed','exit_code':11,'error':'the repository is locked',"
                    + "'error_code':'locked','stats':{}}";

    private static Arguments frame(Object message, String frame) {
        return arguments(message, frame.replace('\'', '"'));
    }

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
                        new ToAgent.Welcome("0.1.0", 20, NOON),
                        "{'type':'welcome','server_version':'0.1.0','heartbeat_seconds':20,"
                                + "'server_time':'2026-03-01T12:00:00Z'}"),
                frame(
                        new ToAgent.Welcome("0.1.0", 20, NOON, Optional.of("e1"), Optional.of(12L)),
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
                                true),
                        "{'type':'config.update','hostname':'web-01','repository':{'url':'rest:http://nas/',"
                                + "'username':'u','password':'p','repo_password':'r'},'repository_known':true}"),
                frame(
                        new ToAgent.CommandRun(
                                "J1", JobKind.BACKUP, JobTrigger.CRON, Optional.of(NIGHTLY), Optional.of(NOON)),
                        "{'type':'command.run','job_id':'J1','kind':'backup','trigger':'cron','schedule':"
                                + NIGHTLY_JSON + ",'due_at':'2026-03-01T12:00:00Z'}"),
                frame(
                        new ToAgent.CommandRun(
                                "J2", JobKind.UNLOCK, JobTrigger.MANUAL, Optional.empty(), Optional.empty()),
                        "{'type':'command.run','job_id':'J2','kind':'unlock','trigger':'manual'}"),
                frame(new ToAgent.CommandHold("J1", "busy"), "{'type':'command.hold','job_id':'J1','reason':'busy'}"),
                frame(
                        new ToAgent.CommandRefuse("J1", "disabled"),
                        "{'type':'command.refuse','job_id':'J1','reason':'disabled'}"),
                frame(new ToAgent.CommandCancel("J1"), "{'type':'command.cancel','job_id':'J1'}"),
                frame(new ToAgent.EventAck(12), "{'type':'event.ack','sequence':12}"),
                frame(new ToAgent.LogAck("J1", 40), "{'type':'log.ack','job_id':'J1','sequence':40}"),
                frame(new ToAgent.TwinNotice(NOON), "{'type':'twin.notice','since':'2026-03-01T12:00:00Z'}"),
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
                                "c2ln"),
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
                                        "c2ln")
                                .from("I1")
                                .knowing(Optional.of("e1"), Optional.of(12L)),
                        "{'type':'hello','protocol_version':1,'host_id':'H1','agent_version':'0.1.0',"
                                + "'os':'linux','arch':'amd64','hostname':'web-01','boot_id':'B1','time_zone':'UTC',"
                                + "'schedule_version':3,'wall_clock':'2026-03-01T12:00:07.250Z','jobs':[],"
                                + "'agent_nonce':'bm9uY2U=','instance_id':'I1','signature':'c2ln','server_epoch':'e1',"
                                + "'acked_sequence':12}"),
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
                                Optional.empty())),
                        "{'type':'policy.report','policy':{'file':'/etc/restic-fleet/policy.json',"
                                + "'hooks':'local-only','hook_directory':'/etc/restic-fleet/hooks',"
                                + "'restore_roots':['/srv/restore'],'restore_in_place':false,"
                                + "'repositories':['rest','sftp'],'longest_run':'12h'}}"),
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
                                JobStats.NONE.withRetention(5, 2)),
                        "{'type':'job.finished','sequence':10,'job_id':'J1','kind':'forget','trigger':'auto',"
                                + "'started_at':'2026-03-01T12:00:00Z','finished_at':'2026-03-01T12:00:07.250Z',"
                                + "'status':'succeeded','exit_code':0,"
                                + "'stats':{'snapshots_kept':5,'snapshots_removed':2}}"),
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
                frame(new ToServer.Error("unreadable", "?"), "{'type':'error','code':'unreadable','detail':'?'}"));
    }

    @ParameterizedTest
    @MethodSource("frames")
    void a_message_is_exactly_this_frame_and_comes_back_the_same(Object message, String frame) throws Exception {
        if (message instanceof ToAgent toAgent) {
            assertThat(Wire.encode(toAgent)).isEqualTo(frame);
            assertThat(Wire.decodeToAgent(frame)).isEqualTo(message);
        } else {
            assertThat(Wire.encode((ToServer) message)).isEqualTo(frame);
            assertThat(Wire.decodeToServer(frame)).isEqualTo(message);
        }
    }

    @Test
    void an_end_told_without_a_code_has_none() throws Exception {
        var older = object(LOCKED_OUT_JSON.replace('\'', '"'));
        older.remove("error_code");

        var end = (ToServer.JobFinished) Wire.decodeToServer(older.toString());

        assertThat(end.errorCode()).isEmpty();
        assertThat(end.error()).isEqualTo(LOCKED_OUT.error());
    }

    @Test
    void every_message_there_is_has_an_example_here() {
        List<Class<?>> messages = Stream.of(ToAgent.class, ToServer.class)
                .flatMap(direction -> Wire.kinds(direction).stream())
                .toList();

        assertThat(frames().<Class<?>>map(example -> example.get()[0].getClass())
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(messages);
    }

    @Test
    void no_two_messages_of_a_direction_have_the_same_name() {
        for (var direction : List.of(ToAgent.class, ToServer.class)) {
            assertThat(Wire.kinds(direction))
                    .extracting(kind -> kind.getAnnotation(JsonTypeName.class).value())
                    .doesNotHaveDuplicates()
                    .allMatch(name -> name.matches("[a-z]+(\\.[a-z]+)?"));
        }
    }

    @ParameterizedTest
    @MethodSource("frames")
    void what_a_newer_peer_says_beyond_that_is_ignored(Object message, String frame) throws Exception {
        var newer = object(frame);
        newer.put("said_since", "1.7").putObject("details").put("depth", 2);
        newer.forEach(field -> {
            if (field instanceof ObjectNode nested) {
                nested.put("said_since", "1.7");
            }
        });

        assertThat(decode(message, newer.toString())).isEqualTo(message);
    }

    @ParameterizedTest
    @MethodSource("frames")
    void a_frame_without_something_that_must_be_there_is_refused(Object message, String frame) {
        var optional = Stream.of(message.getClass().getRecordComponents())
                .filter(component -> component.getType() == Optional.class)
                .map(component ->
                        component.getName().replaceAll("([A-Z])", "_$1").toLowerCase())
                .toList();

        object(frame).fieldNames().forEachRemaining(field -> {
            if (!optional.contains(field)) {
                var without = object(frame);
                without.remove(field);
                assertThat(refusal(message, without.toString()))
                        .as("without %s", field)
                        .isNotNull();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("frames")
    void null_is_refused_wherever_a_value_must_be(Object message, String frame) {
        for (var component : message.getClass().getRecordComponents()) {
            if (component.getType() != Optional.class) {
                var field = component.getName().replaceAll("([A-Z])", "_$1").toLowerCase();
                var withNull = object(frame);
                withNull.putNull(field);
                assertThat(refusal(message, withNull.toString()))
                        .as("null %s", field)
                        .isNotNull();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', quoteCharacter = '`', textBlock = """
            {"type":"schedule.frobnicate","version":3}             > the type 'schedule.frobnicate' is not known
            {"type":"schedule.set","version":3,"schedules":[]}     > the type 'schedule.set' is not known
            {"version":3}                                          > the frame has no type
            {"type":null,"version":3}                              > the frame has no type
            null                                                   > the frame is null
            {"type":"schedule.ack","version":3} {}                 > the frame is not one JSON object
            {"type":"schedule.ack","version":3}]                   > the frame is not one JSON object
            {"type":"schedule.ack","version":3                     > the frame is not one JSON object
            hello                                                  > the frame is not one JSON object
            {"type":"schedule.ack"}                                > version is missing or not a long
            {"type":"schedule.ack","version":null}                 > version is missing or not a long
            {"type":"schedule.ack","version":"hunter2"}            > version is missing or not a long
            {"type":"schedule.ack","version":3.5}                  > version is missing or not a long
            {"type":"log.stream","job_id":"J","sequence":1,"lines":[null]} > lines[0] is missing or not a LogLine
            {"type":"heartbeat","wall_clock":"hunter2"}            > wall_clock is missing or not a Instant
            {"type":"log.stream","job_id":"J","sequence":1,"lines":[{"line":1,"at":7,"stream":{},"text":"hunter2"}]} > lines[0].stream is missing or not a String
            """)
    void a_frame_that_cannot_be_used_is_refused_in_words_without_values(String frame, String words) {
        assertThat(catchThrowableOfType(Wire.UnreadableMessage.class, () -> Wire.decodeToServer(frame)))
                .hasMessage(words);
    }

    @Test
    void a_schedule_as_answered_can_be_sent_back_to_a_reader_that_refuses_unknown_fields() throws Exception {
        var strict = Wire.builder().build();

        assertThat(strict.readValue(strict.writeValueAsString(NIGHTLY), Schedule.class))
                .isEqualTo(NIGHTLY);
    }

    @Test
    void an_empty_frame_is_refused() {
        assertThat(catchThrowableOfType(Wire.UnreadableMessage.class, () -> Wire.decodeToServer("")))
                .isNotNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', quoteCharacter = '`', textBlock = """
            {"type":"config.update","hostname":"h","repository":{"url":"rest:http://u:hunter2@nas/","repo_password":"hunter2"},"repository_known":true}
            {"type":"config.update","hostname":"h","repository":{"url":"/srv","repo_password":["hunter2"]},"repository_known":true}
            {"type":"config.update","hostname":"h","repository":{"url":"/srv","repo_password":"x"},"repository_known":"hunter2"}
            {"type":"config.update","hostname":"h","repository":"hunter2","repository_known":true}
            {"type":"config.update","hostname":"h","repository":{"url":"/srv","repo_password":hunter2},"repository_known":true}
            {"type":"config.update","hostname":"h","repository":{"url":"/srv","repo_password":"x","username":{"hunter2":1}},"repository_known":true}
            {"type":"config.update","hostname":"h","repository":{"url":"/srv","repo_password":"x\\qhunter2"},"repository_known":true}
            """)
    void a_refusal_never_repeats_a_secret(String frame) {
        var refusal = catchThrowableOfType(Wire.UnreadableMessage.class, () -> Wire.decodeToAgent(frame));

        assertThat(refusal).isNotNull();
        assertThat(refusal.getMessage()).doesNotContain("hunter2");
        assertThat(refusal.getCause()).isNull();
    }

    @Test
    void an_unknown_type_is_repeated_in_part_only() {
        var refusal = catchThrowableOfType(
                Wire.UnreadableMessage.class, () -> Wire.decodeToServer("{\"type\":\"" + "x".repeat(10_000) + "\"}"));

        assertThat(refusal.getMessage()).hasSizeLessThan(200);
    }

    private static ObjectNode object(String frame) {
        try {
            JsonNode node = new JsonMapper().readTree(frame);
            return (ObjectNode) node;
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static Object decode(Object message, String frame) throws Wire.UnreadableMessage {
        return message instanceof ToAgent ? Wire.decodeToAgent(frame) : Wire.decodeToServer(frame);
    }

    private static Wire.UnreadableMessage refusal(Object message, String frame) {
        return catchThrowableOfType(Wire.UnreadableMessage.class, () -> decode(message, frame));
    }
}
