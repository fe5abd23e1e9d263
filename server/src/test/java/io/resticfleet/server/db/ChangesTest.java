package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.sql.DriverManager;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.sqlite.SQLiteErrorCode;

/** Reports of which rows transactions have changed, with any kind of statement. */
class ChangesTest {

    private final FaultyConnections faults = new FaultyConnections();
    private Database db;

    @RegisterExtension
    final TestServer server = new TestServer((directory, clock) -> db = faults.open(directory, clock));

    private static final String OTHER = SampleReports.id(9);

    private EnrolledAgent web;
    private long seen;

    @BeforeEach
    void setUp() throws Exception {
        web = server.enrol("web");
        var schedule = web.addSchedule(Samples.NIGHTLY);
        var agent = web.connectInSync();
        agent.sendAndDrain(new SampleReports(server).started(SampleReports.id(1), schedule));
        agent.sendAndDrain(new SampleReports(server).log(SampleReports.id(1), 1, 3));
        agent.abort();
        server.stop();
        server.start();
        seen = db.changesSince(0).last();
    }

    @Test
    void each_row_is_reported_with_its_table_host_and_job() {
        db.change(tx -> tx.execute("UPDATE jobs SET error = 'x'"));
        assertThat(newChanges()).containsExactly(change("jobs", web.hostId(), SampleReports.id(1)));

        db.change(tx -> tx.execute("UPDATE job_log SET last_line = 4"));
        assertThat(newChanges()).containsExactly(change("job_log", "", SampleReports.id(1)));

        db.change(tx -> tx.execute("UPDATE hosts SET name = 'x' WHERE id = ?", web.hostId()));
        assertThat(newChanges()).containsExactly(change("hosts", web.hostId(), ""));

        db.change(tx -> tx.execute("DELETE FROM api_tokens"));
        assertThat(newChanges()).containsExactly(change("api_tokens", "", ""));
    }

    @Test
    void rows_deleted_by_a_cascade_are_reported_too() {
        db.change(tx -> tx.execute("DELETE FROM hosts"));

        assertThat(tables(newChanges()))
                .containsOnlyKeys(
                        "hosts",
                        "schedules",
                        "host_schedule_version",
                        "host_repositories",
                        "jobs",
                        "job_log",
                        "host_days",
                        "retention_gaps",
                        "enrollment_tokens");
    }

    @Test
    void a_replaced_row_is_reported_and_a_moved_row_for_both_hosts() throws Exception {
        var nas = server.enrol("nas");
        newChanges();

        db.change(tx -> {
            tx.execute(
                    "INSERT INTO jobs (id, host_id, kind, status, trigger_word, created_at)" + " VALUES ('" + OTHER
                            + "', ?, 'check', 'queued', 'manual', 0)",
                    nas.hostId());
            tx.execute("UPDATE jobs SET host_id = ? WHERE id = '" + OTHER + "'", web.hostId());
            tx.execute(
                    "INSERT OR REPLACE INTO jobs (id, host_id, kind, status, trigger_word, created_at)" + " VALUES ('"
                            + OTHER + "', ?, 'check', 'queued', 'manual', 0)",
                    nas.hostId());
        });

        assertThat(newChanges())
                .containsExactlyInAnyOrder(change("jobs", nas.hostId(), OTHER), change("jobs", web.hostId(), OTHER));
    }

    @Test
    void every_table_is_watched() {
        var tables = db.read(handle -> handle.createQuery(
                        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
                .mapTo(String.class)
                .set());

        for (var table : tables) {
            db.change(tx -> {
                tx.execute("PRAGMA defer_foreign_keys = ON");
                tx.execute("UPDATE " + table + " SET rowid = rowid");
            });
            boolean any = db.read(handle -> handle.createQuery("SELECT count(*) FROM " + table)
                            .mapTo(Long.class)
                            .one())
                    > 0;
            assertThat(tables(newChanges()).keySet()).as(table).isEqualTo(any ? Set.of(table) : Set.of());
        }
        var triggers = db.write(tx -> tx.createQuery("SELECT count(*) FROM sqlite_temp_schema WHERE type = 'trigger'")
                .mapTo(Long.class)
                .one());
        assertThat(triggers).isEqualTo(3L * tables.size());
    }

    @Test
    void a_rollback_reports_nothing_and_an_uncertain_commit_reports_everything() {
        assertThatThrownBy(() -> db.change(tx -> {
                    tx.execute("UPDATE jobs SET error = 'x'");
                    throw new IllegalArgumentException("no");
                }))
                .hasMessage("no");
        db.change(tx -> tx.execute("UPDATE jobs SET error = 'x' WHERE id = 'nope'"));
        var none = db.changesSince(seen);
        assertThat(none.everything()).isFalse();
        assertThat(none.changes()).isEmpty();

        faults.failAfter(3, SQLiteErrorCode.SQLITE_IOERR);
        assertThatThrownBy(() -> db.change(tx -> tx.execute("UPDATE jobs SET error = 'y'")))
                .isInstanceOf(StorageRefused.class);
        assertThat(faults.fired()).isTrue();
        assertThat(db.changesSince(none.last()).everything()).isTrue();
    }

    @Test
    void a_commit_of_another_program_reports_everything() throws Exception {
        newChanges(); // the server's own commits do not count as another program's
        db.change(tx -> tx.execute("UPDATE jobs SET error = 'x'"));
        assertThat(newChanges()).hasSize(1);

        try (var other = DriverManager.getConnection("jdbc:sqlite:" + DatabaseFile.in(server.directory()));
                var sql = other.createStatement()) {
            sql.execute("UPDATE hosts SET name = 'x'");
        }

        var changes = db.changesSince(seen);
        assertThat(changes.everything()).isTrue();
        assertThat(db.changesSince(changes.last()).everything()).isFalse();
    }

    @Test
    void a_reader_far_behind_is_given_everything() {
        for (int i = 0; i < 600; i++) {
            db.change(tx -> tx.execute("UPDATE jobs SET error = hex(randomblob(4))"));
        }

        assertThat(db.changesSince(seen).everything()).isTrue();
        assertThat(db.changesSince(db.changesSince(seen).last()).changes()).isEmpty();
    }

    @Test
    void a_transaction_of_very_many_rows_reports_everything() {
        addJobs(200);

        assertThat(db.changesSince(seen).everything()).isTrue();
    }

    @Test
    void a_transaction_of_very_many_rows_needs_little_memory() {
        var sizes = new CopyOnWriteArrayList<Integer>();
        db.onChange(changes -> sizes.add(changes.size()));

        addJobs(5_000);
        db.change(tx -> tx.execute("DELETE FROM jobs"));

        assertThat(sizes)
                .allMatch(size -> size < 1_100)
                .filteredOn(size -> size > 100)
                .hasSize(2);
    }

    private void addJobs(int count) {
        db.change(tx -> tx.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                        + " INSERT INTO jobs (id, host_id, kind, status, trigger_word, created_at)"
                        + " SELECT printf('01J%023d', i), ?, 'check', 'queued', 'manual', 0 FROM n",
                count, web.hostId()));
    }

    /** Changes since the last call. */
    private Set<Change> newChanges() {
        var changes = db.changesSince(seen);
        seen = changes.last();
        assertThat(changes.everything()).isFalse();
        return changes.changes();
    }

    private static Map<String, Long> tables(Set<Change> changes) {
        return changes.stream().collect(Collectors.groupingBy(Change::what, Collectors.counting()));
    }

    private static Change change(String what, String hostId, String jobId) {
        return new Change(
                what,
                Optional.of(hostId).filter(id -> !id.isEmpty()).map(HostId::new),
                Optional.of(jobId).filter(id -> !id.isEmpty()).map(JobId::new));
    }
}
