package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.DatabaseFile;
import io.resticfleet.server.db.DatabasePeek;
import io.resticfleet.server.recovery.RecordedSettings;
import io.resticfleet.server.secret.SecretBox;
import io.resticfleet.server.secret.Secrets;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup of the server itself: database, keys and settings in one file. */
@Tag("slow")
class BackupTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path directory;

    private Path data;
    private Path backup;
    private Path passphrase;
    private Path fresh;
    private String output = "";
    private String errors = "";

    @BeforeEach
    void fill() throws IOException {
        data = directory.resolve("data");
        fresh = directory.resolve("fresh");
        backup = directory.resolve("backup.db");
        passphrase = Files.writeString(directory.resolve("passphrase"), "correct horse battery\n");
        try (var db = Database.open(data, () -> NOW)) {
            var secrets = new Secrets(SecretBox.create(data.resolve("secret.key")));
            db.change(tx -> secrets.put(tx, "enrollment_tokens/t1", "repository password"));
        }
    }

    @Test
    void all_that_a_new_machine_needs_is_in_one_file_that_only_the_passphrase_opens() throws Exception {
        Files.writeString(data.resolve("tls.pem"), "a certificate");
        var key = Files.readString(data.resolve("secret.key"));

        assertThat(backUp()).as(errors).isZero();

        assertThat(output).contains("sealed with the passphrase", "secret-key", "tls.pem");
        assertThat(Files.getPosixFilePermissions(backup)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(Files.readString(backup, StandardCharsets.ISO_8859_1)).doesNotContain(key.strip());
        assertThat(restore(fresh)).as(errors).isZero();
        assertThat(fresh.resolve("secret.key")).hasContent(key);
        assertThat(Files.getPosixFilePermissions(fresh.resolve("secret.key")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(fresh.resolve("tls.pem")).hasContent("a certificate");
        assertThat(new SecretBoxAt(fresh).opens()).isEqualTo("repository password");
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + DatabaseFile.in(fresh));
                var rows = connection
                        .createStatement()
                        .executeQuery("SELECT count(*) FROM sqlite_schema WHERE name = 'backup_envelope'")) {
            assertThat(rows.getInt(1)).isZero();
        }
    }

    @Test
    void keys_come_from_where_the_server_had_them_and_go_where_the_new_one_wants_them() throws Exception {
        var place = Files.createDirectories(directory.resolve("keys"));
        Files.move(data.resolve("secret.key"), place.resolve("the.key"));
        var certificate =
                Files.writeString(place.resolve("c.pem"), "a certificate").toString();
        var tlsKey = Files.writeString(place.resolve("k.pem"), "a key").toString();
        noteSettings(Map.of(
                "RESTIC_FLEET_SECRET_KEY_FILE",
                place.resolve("the.key").toString(),
                "RESTIC_FLEET_TLS_CERT",
                certificate,
                "RESTIC_FLEET_TLS_KEY",
                tlsKey,
                "RESTIC_FLEET_BOOTSTRAP_TOKEN",
                "very secret",
                "RESTIC_FLEET_PUBLIC_URL",
                "https://backup.example.org"));

        assertThat(backUp()).as(errors).isZero();
        assertThat(restore(
                        fresh,
                        "--secret-key-file",
                        directory.resolve("elsewhere/s.key").toString()))
                .as(errors)
                .isZero();

        assertThat(new SecretBoxAt(directory.resolve("elsewhere/s.key"), fresh).opens())
                .isEqualTo("repository password");
        assertThat(fresh.resolve("tls.crt")).hasContent("a certificate");
        assertThat(fresh.resolve("tls.key")).hasContent("a key");
        assertThat(output)
                .contains("RESTIC_FLEET_PUBLIC_URL=https://backup.example.org", "RESTIC_FLEET_TLS_CERT=" + certificate)
                .doesNotContain("very secret", "RESTIC_FLEET_DATA_DIR");
    }

    @Test
    void keys_in_use_go_before_former_ones_that_still_lie_in_the_data_directory() throws Exception {
        var place = Files.createDirectories(directory.resolve("keys"));
        Files.copy(data.resolve("secret.key"), place.resolve("the.key"));
        Files.delete(data.resolve("secret.key"));
        SecretBox.create(data.resolve("secret.key")); // of a server that was here before
        Files.writeString(data.resolve("tls.key"), "the former key");
        Files.writeString(data.resolve("tls.pem"), "the former certificate");
        noteSettings(Map.of(
                "RESTIC_FLEET_SECRET_KEY_FILE",
                place.resolve("the.key").toString(),
                "RESTIC_FLEET_TLS_CERT",
                Files.writeString(place.resolve("next.pem"), "the next certificate")
                        .toString(),
                "RESTIC_FLEET_TLS_KEY",
                Files.writeString(place.resolve("next.key"), "the next key").toString()));
        assertThat(backUp()).as(errors).isZero();

        assertThat(restore(fresh)).as(errors).isZero();

        assertThat(new SecretBoxAt(fresh).opens()).isEqualTo("repository password");
        assertThat(fresh.resolve("tls.key")).hasContent("the next key");
        assertThat(fresh.resolve("tls.crt")).hasContent("the next certificate");
        assertThat(fresh.resolve("tls.pem")).hasContent("the former certificate");
    }

    @Test
    void a_certificate_that_is_not_text_comes_back_as_it_was() throws Exception {
        var binary = new byte[] {0x30, (byte) 0x82, 0, (byte) 0xff, '\r', '\n', (byte) 0xc3};
        Files.write(data.resolve("server.p12"), binary);
        assertThat(backUp()).as(errors).isZero();
        assertThat(output).contains(" server.p12");

        Files.write(Files.createDirectories(fresh).resolve("server.p12"), new byte[] {(byte) 0xfe});
        assertThat(restore(fresh)).as(errors).isZero();

        assertThat(fresh.resolve("server.p12")).hasBinaryContent(binary);
        assertThat(fresh.resolve("secret.key")).hasSameBinaryContentAs(data.resolve("secret.key"));
    }

    @Test
    void two_files_for_the_same_place_are_reported_and_change_nothing() throws Exception {
        noteSettings(Map.of(
                "RESTIC_FLEET_TLS_CERT",
                Files.writeString(directory.resolve("c.pem"), "a certificate").toString(),
                "RESTIC_FLEET_TLS_KEY",
                Files.writeString(directory.resolve("k.pem"), "a key").toString()));
        backUp();
        var both = directory.resolve("both.pem").toString();

        assertThat(restore(fresh, "--tls-cert", both, "--tls-key", both)).isEqualTo(1);

        assertThat(errors).contains("nothing was restored", "would both be written to " + both);
        assertNothingIn(fresh);
    }

    @Test
    void no_open_key_stays_behind_when_a_later_one_cannot_be_written() throws Exception {
        Files.writeString(data.resolve("tls.key"), "a key");
        backUp();
        Files.createDirectories(fresh.resolve("tls.key.restoring/in-the-way"));

        assertThat(restore(fresh)).isEqualTo(1);

        assertThat(errors).contains("cannot restore " + backup);
        try (var files = Files.list(fresh)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("server.lock", "tls.key.restoring");
        }
    }

    @Test
    void a_wrong_passphrase_or_none_changes_nothing() throws Exception {
        backUp();
        Files.writeString(passphrase, "incorrect horse battery\n");

        assertThat(restore(fresh)).isEqualTo(1);
        assertThat(errors).contains("nothing was restored", "the passphrase does not open the keys");
        assertThat(run(fresh, "restore", backup.toString())).isEqualTo(1);
        assertThat(errors).contains("nothing was restored", "--passphrase-file");
        assertThat(restore(
                        fresh, "--passphrase-file", directory.resolve("missing").toString()))
                .isEqualTo(1);
        assertThat(errors).contains("cannot be read");
        Files.writeString(passphrase, "");
        assertThat(restore(fresh)).isEqualTo(1);
        assertThat(errors).contains("is empty");

        assertNothingIn(fresh);
    }

    @Test
    void a_damaged_envelope_is_reported_and_changes_nothing() throws Exception {
        backUp();
        for (var damage : List.of(
                "substr(sealed, 1, length(sealed) - 8)",
                "replace(sealed, 'm=65536', 'm=65535')",
                "'v2$' || sealed",
                "''")) {
            var damaged = directory.resolve("damaged.db");
            Files.deleteIfExists(damaged);
            Files.copy(backup, damaged);
            try (var connection = DriverManager.getConnection("jdbc:sqlite:" + damaged)) {
                connection.createStatement().execute("UPDATE backup_envelope SET sealed = " + damage);
            }

            assertThat(run(fresh, "restore", damaged.toString(), "--passphrase-file", passphrase.toString()))
                    .as(damage)
                    .isEqualTo(1);
            assertThat(errors).contains("nothing was restored").containsAnyOf("damaged", "newer program");
        }
        assertNothingIn(fresh);
    }

    @Test
    void keys_of_another_server_are_kept_beside_those_put_back() throws Exception {
        backUp();
        var other = Database.open(fresh, () -> NOW);
        other.close();
        SecretBox.create(fresh.resolve("secret.key"));
        var before = Files.readString(fresh.resolve("secret.key"));

        assertThat(restore(fresh)).as(errors).isZero();

        assertThat(fresh.resolve("secret.key.before-restore-20260301-120000")).hasContent(before);
        assertThat(new SecretBoxAt(fresh).opens()).isEqualTo("repository password");
        assertThat(fresh.resolve("backups/before-restore-20260301-120000.db")).exists();
    }

    @Test
    void with_the_key_file_in_place_no_passphrase_is_needed() throws Exception {
        backUp();

        assertThat(run(data, "restore", backup.toString())).as(errors).isZero();

        assertThat(output).contains("were not restored");
        SecretBox.create(Files.createDirectories(fresh).resolve("secret.key"));
        assertThat(run(fresh, "restore", backup.toString())).isEqualTo(1);
        assertThat(errors).contains("nothing was restored", "is not the one");
    }

    @Test
    void a_backup_that_would_not_open_is_not_made() throws Exception {
        Files.writeString(passphrase, "too short\n");
        assertThat(backUp()).isEqualTo(1);
        assertThat(errors).contains("fewer than 12 characters");

        Files.writeString(passphrase, "correct horse battery");
        Files.move(data.resolve("secret.key"), directory.resolve("away"));
        assertThat(backUp()).isEqualTo(1);
        assertThat(errors).contains("cannot read " + data.resolve("secret.key"));

        SecretBox.create(data.resolve("secret.key"));
        assertThat(backUp()).isEqualTo(1);
        assertThat(errors).contains("is not the one");
        assertThat(backup).doesNotExist();
    }

    @Test
    void a_target_that_cannot_be_written_is_reported_and_nothing_is_half_done() throws Exception {
        backUp();
        var file = Files.writeString(directory.resolve("file"), "no directory");

        assertThat(restore(file.resolve("data"))).isEqualTo(1);
        assertThat(errors).contains("cannot use " + file.resolve("data")).doesNotContain("\tat ");
        assertThat(restore(fresh, "--secret-key-file", file.resolve("s.key").toString()))
                .isEqualTo(1);
        assertThat(errors).contains("cannot restore " + backup);
        assertNothingIn(fresh);
        assertThat(run(data, "backup", file.resolve("b").toString(), "--passphrase-file", passphrase.toString()))
                .isEqualTo(1);
        assertThat(errors).contains("cannot write " + file.resolve("b"));
    }

    private void assertNothingIn(Path place) throws IOException {
        try (var files = Files.list(place)) {
            assertThat(files.map(file -> file.getFileName().toString())).isSubsetOf("server.lock");
        }
    }

    /** What the key file of a restored server makes of the secret in its database. */
    private record SecretBoxAt(Path keyFile, Path data) {
        SecretBoxAt(Path data) {
            this(data.resolve("secret.key"), data);
        }

        String opens() {
            var secrets = new Secrets(SecretBox.open(keyFile));
            return DatabasePeek.into(
                    DatabaseFile.in(data),
                    handle -> secrets.find(handle, "enrollment_tokens/t1", String.class)
                            .orElseThrow());
        }
    }

    private void noteSettings(Map<String, String> environment) {
        try (var db = Database.open(data, () -> NOW)) {
            RecordedSettings.note(db, ServerConfig.from(environment, Map.of("--data-dir", data.toString())));
        }
    }

    private int backUp() {
        return run(data, "backup", backup.toString(), "--passphrase-file", passphrase.toString());
    }

    private int restore(Path place, String... more) {
        var arguments =
                new ArrayList<>(List.of("restore", backup.toString(), "--passphrase-file", passphrase.toString()));
        arguments.addAll(List.of(more));
        return run(place, arguments.toArray(String[]::new));
    }

    private int run(Path place, String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int status = new Main(
                        Map.of("RESTIC_FLEET_DATA_DIR", place.toString()),
                        new ByteArrayInputStream(new byte[0]),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        () -> NOW)
                .run(arguments);
        output = out.toString(StandardCharsets.UTF_8);
        errors = err.toString(StandardCharsets.UTF_8);
        return status;
    }
}
