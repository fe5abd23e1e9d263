package io.resticfleet.server.db;

import static io.resticfleet.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.PageClient;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A database file in which something was overwritten. */
class DamageTest {

    private static final int PAGE = 4_096;

    @RegisterExtension
    final TestServer server = new TestServer();

    private long table;

    @BeforeEach
    void fill() throws Exception {
        server.enrol("web").addSchedule(Samples.NIGHTLY);
        server.sql("INSERT INTO jobs (id, host_id, kind, status, trigger_word, created_at) SELECT 'j', id, 'check',"
                + " 'failed', 'manual', 1 FROM hosts");
        server.sql("INSERT INTO job_log (job_id, first_line, last_line, lines_json) VALUES ('j', 1, 1, '[]')");
        table = page("SELECT rootpage FROM sqlite_schema WHERE name = 'job_log'");
        server.stop();
    }

    @Test
    void damage_is_found_at_the_start_and_shown_while_the_rest_goes_on() throws Exception {
        overwrite(DatabaseFile.in(server.directory()), table);

        server.start();

        eventually(() -> assertThat(storage()).isEqualTo("damaged"));
        assertThat(PageClient.signedIn(server).open("/").text("#trouble"))
                .contains("database is damaged", "restore the newest copy");
        assertThat(server.enrol("db").hostId()).isNotEmpty();
        server.maintenance().copyDatabase();
        assertThat(server.directory().resolve("backups")).isEmptyDirectory();
    }

    @Test
    void what_only_the_daily_check_finds_is_shown_until_it_finds_it_whole() throws Exception {
        server.sql("UPDATE jobs SET host_id = 'nobody'");
        server.start();
        assertThat(storage()).isEqualTo("ok");

        server.maintenance().checkDatabase();

        assertThat(storage()).isEqualTo("damaged");
        server.sql("UPDATE jobs SET host_id = (SELECT id FROM hosts)");
        server.maintenance().checkDatabase();
        assertThat(storage()).isEqualTo("ok");
    }

    @Test
    void a_damaged_copy_is_not_restored_and_nothing_changes() throws Exception {
        var copy = server.directory().resolve("copy.db");
        DatabaseFile.copy(server.directory(), copy);
        overwrite(copy, table);

        assertThatThrownBy(() -> TestServer.restore(server.directory(), copy, () -> TestServer.START))
                .isInstanceOf(OperatorError.class)
                .hasMessageContaining("nothing was restored")
                .hasMessageContaining(copy + " is damaged");

        server.start();
        assertThat(server.api().get("/api/hosts").json().path("items")).hasSize(1);
        assertThat(server.directory().resolve("restic-fleet.db.restoring")).doesNotExist();
    }

    private String storage() throws Exception {
        return server.api().request("GET", "/healthz", "").at("/storage");
    }

    private long page(String query) throws Exception {
        return Long.parseLong(server.sql(query).get(0));
    }

    private static void overwrite(Path database, long page) throws IOException {
        try (var raw = new RandomAccessFile(database.toFile(), "rw")) {
            raw.seek((page - 1) * PAGE);
            raw.write(new byte[PAGE]);
        }
    }
}
