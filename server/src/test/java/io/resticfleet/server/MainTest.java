package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.Migrations;
import io.resticfleet.server.recovery.DatabaseCopies;
import io.resticfleet.server.secret.SecretBox;
import io.resticfleet.server.secret.Secrets;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.api.MigrationVersion;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as it is typed. */
class MainTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path directory;

    private Path data;
    private String output = "";
    private String errors = "";

    @BeforeEach
    void place() {
        data = directory.resolve("data");
    }

    @Test
    void help_lists_commands_and_settings() {
        assertThat(run("", "--help")).isZero();

        assertThat(output)
                .contains("reset-password USER", "--trusted-proxies", "$RESTIC_FLEET_TLS_KEY", "127.0.0.1:8080");
    }

    @Test
    void a_version_is_printed() {
        assertThat(run("", "version")).isZero();

        assertThat(output).startsWith("restic-fleet ");
    }

    @Test
    void all_wrong_options_are_reported_at_once_with_status_2() {
        assertThat(run("", "bakcup", "a", "--listen=nowhere", "--colour", "red", "--data-dir"))
                .isEqualTo(2);

        assertThat(errors.lines())
                .containsExactly(
                        "--data-dir needs a value",
                        "'bakcup' is not a command; see --help",
                        "--colour is not a setting",
                        "--listen is 'nowhere': it must be like 127.0.0.1:8080 or [::1]:8080");
        assertThat(run("", "backup")).isEqualTo(2);
        assertThat(errors).contains("backup takes one FILE");
    }

    @Test
    void a_backup_is_made_while_the_server_runs_and_comes_back() throws Exception {
        var copy = directory.resolve("copy.db");
        try (var db = open()) {
            addUser(db, "anna");
            assertThat(run("", "backup", copy.toString())).isZero();
            assertThat(output).contains("secret.key");
            addUser(db, "bert");
            assertThat(run("", "restore", copy.toString())).isEqualTo(1);
            assertThat(errors).contains("stop it first");
        }
        assertThat(Files.getPosixFilePermissions(copy)).hasSize(2);

        assertThat(run("", "restore", copy.toString())).isZero();

        try (var db = open()) {
            assertThat(users(db)).containsExactly("anna");
        }
        try (var aside = Files.list(data.resolve("backups"))) {
            var kept = aside.toList();
            assertThat(kept).singleElement().asString().endsWith("before-restore-20260301-120000.db");
            assertThat(output).contains(kept.get(0).toString());
            try (var connection = DriverManager.getConnection("jdbc:sqlite:" + kept.get(0));
                    var rows = connection.createStatement().executeQuery("SELECT count(*) FROM users")) {
                assertThat(rows.getInt(1)).isEqualTo(2);
            }
        }
    }

    @Test
    void what_a_killed_server_left_in_its_log_is_kept_and_not_played_into_the_copy() throws Exception {
        var copy = directory.resolve("copy.db");
        var killed = directory.resolve("killed");
        try (var db = open()) {
            addUser(db, "anna");
            run("", "backup", copy.toString());
            addUser(db, "bert");
            Files.createDirectories(killed);
            for (var name : List.of("restic-fleet.db", "restic-fleet.db-wal")) {
                Files.copy(data.resolve(name), killed.resolve(name)); // as kill -9 leaves them
            }
        }
        data = killed;

        assertThat(run("", "restore", copy.toString())).isZero();

        assertThat(killed.resolve("restic-fleet.db-wal")).doesNotExist();
        try (var db = open()) {
            assertThat(users(db)).containsExactly("anna");
        }
        var aside = killed.resolve("backups/before-restore-20260301-120000.db");
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + aside);
                var rows = connection.createStatement().executeQuery("SELECT count(*) FROM users")) {
            assertThat(rows.getInt(1)).isEqualTo(2);
        }
    }

    @Test
    void a_copy_can_be_put_where_nothing_is() throws Exception {
        var copy = directory.resolve("copy.db");
        try (var db = open()) {
            addUser(db, "anna");
            run("", "backup", copy.toString());
        }
        data = directory.resolve("new");

        assertThat(run("", "restore", copy.toString())).isZero();

        try (var db = open()) {
            assertThat(users(db)).containsExactly("anna");
        }
    }

    @Test
    void an_older_copy_is_brought_up_to_date_by_the_next_start() throws Exception {
        var older = directory.resolve("older.db");
        new Migrations(older, () -> NOW).to(MigrationVersion.fromVersion("0006"));
        open().close();

        assertThat(run("", "restore", older.toString())).isZero();

        assertThat(output).contains("the next start upgrades it");
        assertThat(run("correct horse battery\n", "reset-password", "anna")).isEqualTo(1);
        assertThat(errors).contains("older schema");
        open().close();
        assertThat(run("correct horse battery\n", "reset-password", "anna")).isEqualTo(1);
        assertThat(errors).contains("there is no user anna");
    }

    @Test
    void what_is_no_good_copy_changes_nothing() throws Exception {
        var text = Files.writeString(directory.resolve("text"), "hello, this is no database at all".repeat(50));
        var foreign = directory.resolve("foreign.db");
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + foreign)) {
            connection.createStatement().execute("CREATE TABLE users (id)");
        }
        var newer = directory.resolve("newer.db");
        try (var db = open()) {
            addUser(db, "anna");
            run("", "backup", newer.toString());
        }
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + newer)) {
            connection
                    .createStatement()
                    .execute("UPDATE flyway_schema_history SET version = '9999' WHERE installed_rank = 8");
        }

        for (var bad : List.of(text, foreign, newer, directory.resolve("missing"))) {
            assertThat(run("", "restore", bad.toString())).as(bad.toString()).isEqualTo(1);
            assertThat(errors).contains(bad.toString()).doesNotContain("restoring");
        }

        try (var db = open()) {
            assertThat(users(db)).containsExactly("anna");
        }
        assertThat(data.resolve("restic-fleet.db.restoring")).doesNotExist();
        assertThat(data.resolve("backups")).doesNotExist();
    }

    @Test
    void a_backup_overwrites_nothing() throws Exception {
        open().close();
        var precious = Files.writeString(directory.resolve("precious"), "precious");

        assertThat(run("", "backup", precious.toString())).isEqualTo(1);

        assertThat(errors).contains("already exists");
        assertThat(precious).hasContent("precious");
    }

    @Test
    void without_a_database_nothing_is_made() {
        assertThat(run("", "backup", directory.resolve("copy").toString())).isEqualTo(1);

        assertThat(errors).contains("there is no database in " + data);
        assertThat(data).doesNotExist();
        assertThat(directory.resolve("copy")).doesNotExist();
    }

    @Test
    void a_lost_password_is_replaced_and_sessions_end_while_the_server_runs() {
        try (var db = open()) {
            addUser(db, "anna");
            db.write(tx -> tx.execute("INSERT INTO sessions VALUES ('hash', 'id-anna', 0, 0, 0)"));

            assertThat(run("correct horse battery\n", "reset-password", "anna")).isZero();

            assertThat(db.<Integer>read(handle -> handle.createQuery("SELECT count(*) FROM sessions")
                            .mapTo(Integer.class)
                            .one()))
                    .isZero();
            assertThat(db.<String>read(handle -> handle.createQuery("SELECT hash FROM user_passwords")
                            .mapTo(String.class)
                            .one()))
                    .startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
            assertThat(output + errors).doesNotContain("horse");
        }
    }

    @Test
    void a_password_that_will_not_do_is_refused() {
        try (var db = open()) {
            addUser(db, "anna");

            assertThat(run("short\n", "reset-password", "anna")).isEqualTo(1);
            assertThat(errors).contains("8 to 200 characters").doesNotContain("short");
            assertThat(run("correct horse battery\n", "reset-password", "eve")).isEqualTo(1);
            assertThat(errors).contains("there is no user eve");
            assertThat(run("", "reset-password", "anna")).isEqualTo(1);
        }
    }

    @Test
    void a_doctor_finds_a_key_that_does_not_fit_and_an_address_in_use() throws Exception {
        try (var db = open();
                var busy = new ServerSocket(0)) {
            var another = new Secrets(SecretBox.create(directory.resolve("another.key")));
            SecretBox.create(data.resolve("secret.key"));
            db.change(tx -> another.put(tx, "enrollment_tokens/t1", "secret"));

            assertThat(run("", "doctor", "--listen", "127.0.0.1:" + busy.getLocalPort()))
                    .isEqualTo(1);

            assertThat(output)
                    .contains("OK      data directory", "OK      database")
                    .contains("PROBLEM key file", "does not open 1 of 1")
                    .contains("PROBLEM address", "no server answers there");
        }
    }

    @Test
    void a_doctor_looks_whether_the_public_url_is_this_server() throws Exception {
        var server = new TestServer();
        server.beforeEach(null);
        data = server.directory();
        int nobody;
        try (var closed = new ServerSocket(0)) {
            nobody = closed.getLocalPort();
        }
        try {
            var listen = server.url().replace("http://", "");
            run("", "doctor", "--listen", listen, "--public-url", server.url());
            assertThat(output).contains("OK      public URL: " + server.url() + " is this server");

            run("", "doctor", "--listen", listen, "--public-url", "http://127.0.0.1:" + nobody);
            assertThat(output).contains("PROBLEM public URL: ", "cannot be reached from here");
        } finally {
            server.afterEach(null);
        }
    }

    @Test
    void a_doctor_minds_a_directory_that_others_may_look_into() throws Exception {
        open().close();
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));

        assertThat(run("", "doctor", "--listen", "127.0.0.1:0")).isEqualTo(1);

        assertThat(output)
                .contains("PROBLEM data directory: other users have access to " + data + "; run chmod 700 on it");
    }

    @Test
    void a_doctor_names_a_data_directory_that_does_not_exist_and_creates_nothing() {
        data = directory.resolve("nowhere/data");

        assertThat(run("", "doctor", "--listen", "127.0.0.1:0")).isEqualTo(1);

        assertThat(output).contains("PROBLEM data directory: " + data + " does not exist");
        assertThat(data.getParent()).doesNotExist();
    }

    @Test
    void the_doctor_reports_the_newest_copy() {
        try (var db = open()) {
            run("", "doctor", "--listen", "127.0.0.1:0");
            assertThat(output).contains("OK      copies: none yet");

            new DatabaseCopies(db, () -> NOW).makeIfDue();
            run("", "doctor", "--listen", "127.0.0.1:0");
            assertThat(output).contains("of the database is from 2026-03-01T12:00:00Z");
        }
    }

    private Database open() {
        return Database.open(data, () -> NOW);
    }

    private static void addUser(Database db, String name) {
        db.write(tx -> tx.execute("INSERT INTO users VALUES (?, ?, 0)", "id-" + name, name));
    }

    private static List<String> users(Database db) {
        return db.read(handle -> handle.createQuery("SELECT username FROM users ORDER BY username")
                .mapTo(String.class)
                .list());
    }

    private int run(String input, String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int status = new Main(
                        Map.of("RESTIC_FLEET_DATA_DIR", data.toString()),
                        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        () -> NOW)
                .run(arguments);
        output = out.toString(StandardCharsets.UTF_8);
        errors = err.toString(StandardCharsets.UTF_8);
        return status;
    }
}
