package io.resticfleet.server.alert;

import static io.resticfleet.server.alert.SampleConditions.START;
import static io.resticfleet.server.alert.SampleConditions.WEB;
import static io.resticfleet.server.alert.SampleConditions.damaged;
import static io.resticfleet.server.alert.SampleConditions.many;
import static io.resticfleet.server.alert.SampleConditions.offline;
import static io.resticfleet.server.alert.SampleConditions.paused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.web.Page;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sqlite.SQLiteErrorCode;

class AlertsTest extends AlertsOverDatabase {

    @Test
    void a_condition_opens_after_its_grace_reminds_and_resolves_also_over_restarts() {
        conditions = List.of(offline(Severity.WARNING));
        check(Duration.ZERO);
        check(Duration.ofMinutes(15).minusMillis(1));
        assertThat(alerts.open()).isEmpty();
        assertThat(alerts.page(all(), AlertFilter.ALL).items()).isEmpty();
        restart();

        check(Duration.ofMillis(1));
        check(Duration.ofHours(23));
        restart();
        check(Duration.ofHours(1));
        check(Duration.ofMinutes(5));
        assertThat(alerts.open())
                .containsExactlyElementsOf(alerts.page(all(), AlertFilter.ALL).items());
        assertThat(alerts.counts()).isEqualTo(Map.of(Severity.WARNING, 1));
        conditions = List.of();
        check(Duration.ofMinutes(5));
        check(Duration.ofMinutes(5));

        assertThat(announced()).containsExactly("open warning", "reminder warning", "resolved warning");
        assertThat(alerts.open()).isEmpty();
        assertThat(alerts.page(all(), AlertFilter.ALL).items())
                .extracting(Alert::since, Alert::openedAt, Alert::resolvedAt)
                .containsExactly(tuple(
                        START,
                        START.plus(Duration.ofMinutes(15)),
                        Optional.of(START.plus(Duration.ofHours(24).plusMinutes(25)))));
    }

    @Test
    void a_condition_that_ends_within_its_grace_leaves_nothing() throws Exception {
        conditions = List.of(offline(Severity.WARNING));
        check(Duration.ZERO);
        conditions = List.of();
        check(Duration.ofMinutes(14));
        check(Duration.ofMinutes(14));

        assertThat(events).isEmpty();
        conditions = List.of(offline(Severity.WARNING, clock.instant()));
        check(Duration.ZERO);
        check(Duration.ofMinutes(14));
        assertThat(events).isEmpty();
    }

    @Test
    void the_time_of_the_first_look_is_kept_and_a_clock_that_is_ahead_delays_nothing() {
        conditions = List.of(offline(Severity.WARNING, START.plus(Duration.ofDays(400))));
        check(Duration.ZERO);
        check(Duration.ofMinutes(10));
        restart();
        conditions = List.of(offline(Severity.WARNING, clock.instant()));
        check(Duration.ofMinutes(5));

        assertThat(alerts.open()).extracting(Alert::since).containsExactly(START);
    }

    @Test
    void more_severe_is_announced_at_once_and_less_severe_is_not() {
        conditions = List.of(offline(Severity.WARNING, START.minus(Duration.ofDays(1))));
        check(Duration.ZERO);
        conditions = List.of(offline(Severity.CRITICAL));
        check(Duration.ofMinutes(1));
        conditions = List.of(offline(Severity.WARNING));
        check(Duration.ofMinutes(1));
        conditions = List.of(offline(Severity.CRITICAL));
        check(Duration.ofMinutes(1));
        assertThat(announced()).containsExactly("open warning", "escalated critical");

        conditions = List.of(offline(Severity.WARNING));
        check(Duration.ofDays(1));
        conditions = List.of(offline(Severity.CRITICAL));
        check(Duration.ofMinutes(1));

        assertThat(announced())
                .containsExactly("open warning", "escalated critical", "reminder warning", "escalated critical");
    }

    @Test
    void nothing_is_announced_while_all_hosts_are_silenced_but_the_end_of_what_was_announced() {
        silent = Set.of(WEB);
        conditions = List.of(offline(Severity.WARNING, START.minus(Duration.ofDays(1))), damaged());
        check(Duration.ZERO);
        assertThat(alerts.open()).hasSize(2);
        assertThat(announced()).containsExactly("open critical");
        conditions = List.of();
        check(Duration.ofMinutes(1));
        assertThat(announced()).containsExactly("open critical", "resolved critical");

        conditions = List.of(offline(Severity.WARNING, START.minus(Duration.ofDays(1))));
        check(Duration.ofMinutes(1));
        check(Duration.ofDays(2));
        assertThat(announced()).hasSize(2);
        silent = Set.of();
        check(Duration.ofMinutes(1));
        silent = Set.of(WEB);
        conditions = List.of(offline(Severity.CRITICAL));
        check(Duration.ofDays(2));
        conditions = List.of();
        check(Duration.ofMinutes(1));

        assertThat(announced().subList(2, announced().size())).containsExactly("open warning", "resolved critical");
    }

    @Test
    void what_nobody_knows_stays_as_it_is() {
        conditions = List.of(offline(Severity.WARNING));
        check(Duration.ZERO);
        check(Duration.ofHours(1));
        restart();
        unknown = Set.of(AlertKey.host(WEB, "offline"));
        conditions = List.of();
        check(Duration.ofDays(3));
        assertThat(announced()).containsExactly("open warning");
        assertThat(alerts.open()).hasSize(1);

        unknown = Set.of();
        check(Duration.ofMinutes(1));
        assertThat(announced()).containsExactly("open warning", "resolved warning");
    }

    @Test
    void a_source_that_fails_keeps_nothing_from_opening_and_resolves_nothing() {
        conditions = List.of(offline(Severity.WARNING));
        check(Duration.ZERO);
        check(Duration.ofHours(1));
        broken = Optional.of(new IllegalStateException("broken on purpose"));
        conditions = List.of(damaged());
        check(Duration.ofHours(1));
        assertThat(announced()).containsExactly("open warning", "open critical");

        broken = Optional.empty();
        check(Duration.ofHours(1));
        assertThat(announced()).containsExactly("open warning", "open critical", "resolved warning");
    }

    @Test
    void of_two_conditions_with_one_key_the_more_severe_counts() {
        conditions = List.of(
                offline(Severity.INFO, START.minus(Duration.ofDays(1))),
                offline(Severity.CRITICAL, START.minus(Duration.ofDays(1))),
                offline(Severity.WARNING, START.minus(Duration.ofDays(1))));
        check(Duration.ZERO);

        assertThat(announced()).containsExactly("open critical");
    }

    @Test
    void a_disk_that_refuses_loses_nothing() {
        conditions = List.of(damaged());
        faults.fail(SQLiteErrorCode.SQLITE_FULL);
        assertThatThrownBy(() -> check(Duration.ZERO)).isInstanceOf(StorageRefused.class);
        assertThat(alerts.open()).isEmpty();
        faults.mend();
        db.probe();
        events.clear(); // of the transaction that was undone
        check(Duration.ofSeconds(10));

        assertThat(announced()).containsExactly("open critical");
    }

    @Test
    void open_ones_are_in_the_order_of_severity_and_all_in_the_order_of_opening() {
        conditions = List.of(offline(Severity.WARNING)); // first seen first, opens last
        check(Duration.ZERO);
        conditions = List.of(offline(Severity.WARNING), damaged());
        check(Duration.ofMinutes(1));
        conditions = List.of(offline(Severity.WARNING), damaged(), paused());
        check(Duration.ofMinutes(15));
        check(Duration.ofMinutes(15));

        assertThat(alerts.open())
                .extracting(Alert::kind)
                .containsExactly(AlertKind.REPOSITORY_DAMAGED, AlertKind.HOST_OFFLINE, AlertKind.HOST_PAUSED);
        assertThat(kinds(AlertFilter.ALL)).containsExactly("host_paused", "host_offline", "repository_damaged");
        assertThat(kinds(filter(AlertFilter.State.OPEN, WEB))).containsExactly("host_offline");
        assertThat(kinds(filter(AlertFilter.State.RESOLVED, WEB))).isEmpty();
        var page = alerts.page(new Page.Request(2, Optional.empty()), AlertFilter.ALL);
        assertThat(alerts.page(new Page.Request(2, page.nextCursor()), AlertFilter.ALL)
                        .items())
                .extracting(Alert::kind)
                .containsExactly(AlertKind.REPOSITORY_DAMAGED);
    }

    @Test
    void resolved_ones_are_kept_for_90_days() {
        conditions = List.of(damaged());
        check(Duration.ZERO);
        conditions = List.of(paused());
        check(Duration.ofHours(1));
        check(Duration.ofDays(90));
        alerts.expire();
        assertThat(kinds(AlertFilter.ALL)).containsExactly("host_paused", "repository_damaged");

        clock.advance(Duration.ofMillis(1));
        alerts.expire();

        assertThat(kinds(AlertFilter.ALL)).containsExactly("host_paused");
    }

    @Test
    void ten_thousand_at_once_are_announced_each_once_and_not_kept_for_ever() {
        conditions = many(10_500);
        check(Duration.ZERO);
        check(Duration.ZERO);
        assertThat(alerts.open()).hasSize(10_500);
        restart();
        check(Duration.ZERO);
        assertThat(events).hasSize(10_500).extracting(AlertEvent::state).containsOnly(AlertEvent.State.OPEN);

        events.clear();
        conditions = List.of();
        check(Duration.ofMinutes(1));
        assertThat(events).hasSize(10_500).extracting(AlertEvent::state).containsOnly(AlertEvent.State.RESOLVED);
        assertThat(stored()).isLessThanOrEqualTo(10_500);
        alerts.expire();
        assertThat(stored()).isEqualTo(10_000);
    }
}
