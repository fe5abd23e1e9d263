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

/** The judge of the searches for faults: a story that is right, and what is found when one thing in it is not. */
class HistoryCheckerTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Instant BEGAN = Instant.parse("2031-03-04T05:06:30Z");
    private static final Instant FIRST = Instant.parse("2031-03-04T05:07:00Z");
    private static final Instant SECOND = Instant.parse("2031-03-04T05:08:00Z");
    private static final Instant ENDED = Instant.parse("2031-03-04T05:08:30Z");

    private final List<JsonNode> jobs = new ArrayList<>();
    private final List<HookLog.Line> lines = new ArrayList<>();
    private final List<JsonNode> snapshots = new ArrayList<>();
    private final Map<String, String> told = new HashMap<>();

    HistoryCheckerTest() {
        ran("J1", FIRST, "aa");
        missed("J2", SECOND);
        told.put("J1", "succeeded aa");
    }

    @Test
    void runs_and_missed_ones_that_all_witnesses_know_are_in_order() {
        assertThat(wrong(HistoryChecker.Ends.WELL)).isEmpty();
    }

    @Test
    void a_due_time_that_nothing_is_told_of_is_lost() {
        jobs.remove(1);

        assertThat(wrong(HistoryChecker.Ends.WELL)).singleElement().asString().startsWith("LOST nothing is told of");
    }

    @Test
    void a_due_time_that_was_none_is_a_mistake() {
        missed("J3", SECOND.plusSeconds(20));

        assertThat(wrong(HistoryChecker.Ends.WELL)).singleElement().asString().startsWith("MISTAKEN S was not due");
    }

    @Test
    void a_run_whose_job_is_not_known_is_lost() {
        hooks("J9", FIRST);

        assertThat(wrong(HistoryChecker.Ends.WELL)).containsExactly("LOST the server does not know job J9");
    }

    @Test
    void a_promise_that_is_forgotten_and_an_end_that_changes_are_lost() {
        told.put("J8", "");
        told.put("J1", "succeeded bb");

        assertThat(wrong(HistoryChecker.Ends.WELL))
                .hasSize(2)
                .anyMatch(text -> text.startsWith("LOST the server does not know job J8"))
                .anyMatch(text -> text.startsWith("LOST the server told 'succeeded bb'"));
    }

    @Test
    void a_due_time_with_two_runs_is_doubled() {
        ran("J3", FIRST, "cc");

        assertThat(wrong(HistoryChecker.Ends.WELL)).containsExactly("DOUBLED 2 jobs of S due at " + FIRST);
    }

    @Test
    void a_hook_that_ran_twice_or_before_its_time_is_found() {
        lines.add(new HookLog.Line("pre", "J1", FIRST.minusSeconds(1)));

        assertThat(wrong(HistoryChecker.Ends.WELL))
                .hasSize(2)
                .anyMatch(text -> text.startsWith("DOUBLED the pre hook ran 2 times"))
                .anyMatch(text -> text.startsWith("MISTAKEN its pre hook ran at"));
    }

    @Test
    void a_missed_run_that_ran_is_found() {
        hooks("J2", SECOND);

        assertThat(wrong(HistoryChecker.Ends.WELL))
                .singleElement()
                .asString()
                .startsWith("DOUBLED the pre hook ran 1 times");
    }

    @Test
    void a_success_without_a_snapshot_is_lost() {
        snapshots.clear();

        assertThat(wrong(HistoryChecker.Ends.WELL))
                .singleElement()
                .asString()
                .startsWith("LOST restic has 0 snapshots");
    }

    @Test
    void a_snapshot_of_no_job_is_doubled_unless_a_run_was_broken_off() {
        snapshots.add(snapshot("dd"));
        assertThat(wrong(HistoryChecker.Ends.WELL)).anyMatch(text -> text.startsWith("DOUBLED 0 jobs made"));
        assertThat(wrong(HistoryChecker.Ends.BROKEN_OFF_TOO))
                .singleElement()
                .asString()
                .startsWith("DOUBLED 1 snapshots of no job");

        jobs.set(1, job("J2", "cron", SECOND, "interrupted", ""));

        assertThat(wrong(HistoryChecker.Ends.BROKEN_OFF_TOO)).isEmpty();
        assertThat(wrong(HistoryChecker.Ends.INTERRUPTED_WHILE_STARTING)).isEmpty();
        assertThat(wrong(HistoryChecker.Ends.WELL)).anyMatch(text -> text.startsWith("SPOILT"));

        jobs.set(1, job("J2", "cron", SECOND, "failed", ""));
        assertThat(wrong(HistoryChecker.Ends.INTERRUPTED_WHILE_STARTING)).anyMatch(text -> text.startsWith("SPOILT"));
    }

    @Test
    void a_run_without_a_snapshot_may_be_tried_again_as_often_as_it_failed() {
        jobs.set(1, job("J2", "cron", SECOND, "failed", ""));
        jobs.add(job("J3", "retry", SECOND, "interrupted", ""));
        ran("J4", SECOND, "ee");
        ((ObjectNode) jobs.get(3)).put("trigger", "retry");
        assertThat(wrong(HistoryChecker.Ends.BROKEN_OFF_TOO)).isEmpty();

        ran("J5", SECOND, "ff");
        ((ObjectNode) jobs.get(4)).put("trigger", "retry");

        assertThat(wrong(HistoryChecker.Ends.BROKEN_OFF_TOO))
                .containsExactly("DOUBLED tried again 3 times, after 2 that made no snapshot: S due at " + SECOND);
    }

    @Test
    void what_does_not_end_or_has_no_reason_is_lost() {
        jobs.add(job("J3", "manual", FIRST, "running", "").without("due_at"));
        ((ObjectNode) jobs.get(1)).remove("error");

        assertThat(wrong(HistoryChecker.Ends.WELL))
                .hasSize(2)
                .anyMatch(text -> text.startsWith("LOST it never ends"))
                .anyMatch(text -> text.startsWith("LOST without a reason"));
    }

    @Test
    void schedules_are_read_by_hand_as_their_cron_says() {
        var hour = Instant.parse("2031-03-04T04:59:59Z");

        assertThat(Recurrence.EVERY_MINUTE.due(hour, hour.plusSeconds(3_600))).hasSize(60);
        assertThat(Recurrence.ODD_MINUTES.due(hour, hour.plusSeconds(3_600))).hasSize(30);
        assertThat(Recurrence.MOST_MINUTES.due(hour, hour.plusSeconds(3_600))).hasSize(59);
    }

    private List<String> wrong(HistoryChecker.Ends ends) {
        var span = new HistoryChecker.ScheduleSpan("S", Recurrence.EVERY_MINUTE, BEGAN, BEGAN, ENDED, ENDED);
        return new HistoryChecker(jobs, lines, snapshots).disagreements(List.of(span), told, ends);
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
                .put("error", error.isEmpty() && !status.equals("succeeded") ? "broken off" : error);
    }

    private static JsonNode snapshot(String id) {
        var snapshot = JSON.createObjectNode().put("id", id + "0123456789");
        snapshot.putArray("tags").add("schedule:S");
        return snapshot;
    }
}
