package io.resticfleet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The checker of the fault tests: a correct history, and one violation at a time. */
class HistoryCheckerTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Instant STARTED = Instant.parse("2031-03-04T05:06:30Z");
    private static final Instant FIRST = Instant.parse("2031-03-04T05:07:00Z");
    private static final Instant SECOND = Instant.parse("2031-03-04T05:08:00Z");
    private static final Instant ENDED = Instant.parse("2031-03-04T05:08:30Z");

    private final List<JsonNode> jobs = new ArrayList<>();
    private final List<HookLog.Line> lines = new ArrayList<>();
    private final List<JsonNode> snapshots = new ArrayList<>();
    private final Map<String, String> reported = new HashMap<>();

    HistoryCheckerTest() {
        ran("J1", FIRST, "aa");
        missed("J2", SECOND);
        reported.put("J1", "succeeded aa");
    }

    @Test
    void runs_and_missed_runs_that_all_sources_confirm_are_accepted() {
        assertThat(violations(HistoryChecker.Allowed.SUCCESS)).isEmpty();
    }

    @Test
    void a_due_time_without_a_report_is_lost() {
        jobs.remove(1);

        assertThat(violations(HistoryChecker.Allowed.SUCCESS))
                .singleElement()
                .asString()
                .startsWith("LOST no report of");
    }

    @Test
    void a_report_for_a_time_that_was_not_due_is_wrong() {
        missed("J3", SECOND.plusSeconds(20));

        assertThat(violations(HistoryChecker.Allowed.SUCCESS))
                .singleElement()
                .asString()
                .startsWith("WRONG S was not due");
    }

    @Test
    void a_run_whose_job_is_unknown_is_lost() {
        hooks("J9", FIRST);

        assertThat(violations(HistoryChecker.Allowed.SUCCESS)).containsExactly("LOST the server does not know job J9");
    }

    @Test
    void an_accepted_job_that_is_forgotten_and_a_result_that_changes_are_lost() {
        reported.put("J8", "");
        reported.put("J1", "succeeded bb");

        assertThat(violations(HistoryChecker.Allowed.SUCCESS))
                .hasSize(2)
                .anyMatch(text -> text.startsWith("LOST the server does not know job J8"))
                .anyMatch(text -> text.startsWith("LOST the server reported 'succeeded bb'"));
    }

    @Test
    void a_due_time_with_two_runs_is_a_duplicate() {
        ran("J3", FIRST, "cc");

        assertThat(violations(HistoryChecker.Allowed.SUCCESS)).containsExactly("DUPLICATE 2 jobs of S due at " + FIRST);
    }

    @Test
    void a_hook_that_ran_twice_or_early_is_found() {
        lines.add(new HookLog.Line("pre", "J1", FIRST.minusSeconds(1)));

        assertThat(violations(HistoryChecker.Allowed.SUCCESS))
                .hasSize(2)
                .anyMatch(text -> text.startsWith("DUPLICATE the pre hook ran 2 times"))
                .anyMatch(text -> text.startsWith("WRONG its pre hook ran early at"));
    }

    @Test
    void a_missed_run_that_ran_is_found() {
        hooks("J2", SECOND);

        assertThat(violations(HistoryChecker.Allowed.SUCCESS))
                .singleElement()
                .asString()
                .startsWith("DUPLICATE the pre hook ran 1 times");
    }

    @Test
    void a_success_without_a_snapshot_is_lost() {
        snapshots.clear();

        assertThat(violations(HistoryChecker.Allowed.SUCCESS))
                .singleElement()
                .asString()
                .startsWith("LOST restic has 0 snapshots");
    }

    @Test
    void a_snapshot_of_no_job_is_a_duplicate_unless_a_run_failed() {
        snapshots.add(snapshot("dd"));
        assertThat(violations(HistoryChecker.Allowed.SUCCESS))
                .anyMatch(text -> text.startsWith("DUPLICATE 0 jobs made"));
        assertThat(violations(HistoryChecker.Allowed.FAILURE))
                .singleElement()
                .asString()
                .startsWith("DUPLICATE 1 snapshots of no job");

        jobs.set(1, job("J2", "cron", SECOND, "interrupted", ""));

        assertThat(violations(HistoryChecker.Allowed.FAILURE)).isEmpty();
        assertThat(violations(HistoryChecker.Allowed.INTERRUPTION)).isEmpty();
        assertThat(violations(HistoryChecker.Allowed.SUCCESS)).anyMatch(text -> text.startsWith("UNEXPECTED"));

        jobs.set(1, job("J2", "cron", SECOND, "failed", ""));
        assertThat(violations(HistoryChecker.Allowed.INTERRUPTION)).anyMatch(text -> text.startsWith("UNEXPECTED"));
    }

    @Test
    void there_may_be_as_many_retries_as_failures_without_a_snapshot() {
        jobs.set(1, job("J2", "cron", SECOND, "failed", ""));
        jobs.add(job("J3", "retry", SECOND, "interrupted", ""));
        ran("J4", SECOND, "ee");
        ((ObjectNode) jobs.get(3)).put("trigger", "retry");
        assertThat(violations(HistoryChecker.Allowed.FAILURE)).isEmpty();

        ran("J5", SECOND, "ff");
        ((ObjectNode) jobs.get(4)).put("trigger", "retry");

        assertThat(violations(HistoryChecker.Allowed.FAILURE))
                .containsExactly("DUPLICATE 3 retries after 2 failures without a snapshot: S due at " + SECOND);
    }

    @Test
    void a_job_that_never_ends_or_has_no_reason_is_lost() {
        jobs.add(job("J3", "manual", FIRST, "running", "").without("due_at"));
        ((ObjectNode) jobs.get(1)).remove("error");

        assertThat(violations(HistoryChecker.Allowed.SUCCESS))
                .hasSize(2)
                .anyMatch(text -> text.startsWith("LOST never ends"))
                .anyMatch(text -> text.startsWith("LOST no reason"));
    }

    @Test
    void recurrences_are_due_by_their_cron_expression() {
        var hour = Instant.parse("2031-03-04T04:59:59Z");

        assertThat(Recurrence.EVERY_MINUTE.due(hour, hour.plusSeconds(3_600))).hasSize(60);
        assertThat(Recurrence.ODD_MINUTES.due(hour, hour.plusSeconds(3_600))).hasSize(30);
        assertThat(Recurrence.MOST_MINUTES.due(hour, hour.plusSeconds(3_600))).hasSize(59);
    }

    private List<String> violations(HistoryChecker.Allowed allowed) {
        var span = new HistoryChecker.ScheduleSpan("S", Recurrence.EVERY_MINUTE, STARTED, STARTED, ENDED, ENDED);
        return new HistoryChecker(jobs, lines, snapshots).violations(List.of(span), reported, allowed);
    }

    private void ran(String id, Instant due, String snapshot) {
        jobs.add(job(id, "cron", due, "succeeded", "").put("snapshot_id", snapshot));
        hooks(id, due);
        snapshots.add(snapshot(snapshot));
    }

    private void hooks(String id, Instant at) {
        lines.add(new HookLog.Line("pre", id, at));
        lines.add(new HookLog.Line("post", id, at.plusSeconds(1)));
    }

    private void missed(String id, Instant due) {
        jobs.add(job(id, "cron", due, "missed", "the machine was off"));
    }

    private static ObjectNode job(String id, String trigger, Instant due, String status, String error) {
        return JSON.createObjectNode()
                .put("id", id)
                .put("schedule_id", "S")
                .put("trigger", trigger)
                .put("due_at", due.toString())
                .put("status", status)
                .put("error", error.isEmpty() && !status.equals("succeeded") ? "failed" : error);
    }

    private static JsonNode snapshot(String id) {
        var snapshot = JSON.createObjectNode().put("id", id + "0123456789");
        snapshot.putArray("tags").add("schedule:S");
        return snapshot;
    }
}
