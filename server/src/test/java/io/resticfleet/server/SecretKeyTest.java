package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.recovery.SecretKeyCheck;
import io.resticfleet.server.secret.SecretBox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretKeyTest {

    @TempDir
    Path directory;

    private ServerConfig config;
    private Database db;

    @BeforeEach
    void open() {
        config = ServerConfig.from(
                Map.of(), Map.of("--data-dir", directory.resolve("data").toString()));
        db = Database.open(config.dataDir(), () -> Instant.parse("2026-03-01T12:00:00Z"));
    }

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void a_database_without_secrets_gets_a_key() throws Exception {
        SecretKeyCheck.open(config, db);

        assertThat(Files.getPosixFilePermissions(config.secretKeyFile())).hasSize(2);
    }

    @Test
    void the_same_key_opens_again_what_it_has_sealed() {
        var envelope = seal(SecretKeyCheck.open(config, db));

        var box = SecretKeyCheck.open(config, db);

        assertThat(box.open(envelope, "enrollment_tokens/t1")).isEqualTo("secret");
        assertThat(SecretKeyCheck.checkAll(config, db)).isEqualTo(1);
    }

    @Test
    void a_lost_key_is_not_replaced_while_something_is_sealed_with_it() throws Exception {
        seal(SecretKeyCheck.open(config, db));
        Files.delete(config.secretKeyFile());

        assertThatThrownBy(() -> SecretKeyCheck.open(config, db))
                .isInstanceOf(OperatorError.class)
                .hasMessageContaining("put it back");
        assertThat(config.secretKeyFile()).doesNotExist();
    }

    @Test
    void another_key_is_noticed_at_start() throws Exception {
        seal(SecretKeyCheck.open(config, db));
        Files.delete(config.secretKeyFile());
        SecretBox.create(config.secretKeyFile());

        assertThatThrownBy(() -> SecretKeyCheck.open(config, db))
                .isInstanceOf(OperatorError.class)
                .hasMessageContaining("is not the one");
    }

    @Test
    void one_damaged_secret_does_not_keep_the_server_down_but_is_found() {
        var box = SecretKeyCheck.open(config, db);
        seal(box);
        insert("t2", box.seal("secret", "enrollment_tokens/another"));

        SecretKeyCheck.open(config, db);

        assertThatThrownBy(() -> SecretKeyCheck.checkAll(config, db))
                .hasMessageContaining("does not open 1 of 2")
                .hasMessageContaining("enrollment_tokens/t2");
    }

    private String seal(SecretBox box) {
        var envelope = box.seal("secret", "enrollment_tokens/t1");
        insert("t1", envelope);
        return envelope;
    }

    private void insert(String id, String envelope) {
        db.write(tx -> tx.execute("""
                INSERT INTO enrollment_tokens (id, token_sha256, repository_sealed, created_by, created_at, expires_at)
                VALUES (?, ?, ?, 'anna', 0, 0)
                """, id, id, envelope));
    }
}
