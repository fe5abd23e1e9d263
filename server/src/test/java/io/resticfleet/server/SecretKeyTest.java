package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.recovery.SecretKeyCheck;
import io.resticfleet.server.secret.SecretBox;
import io.resticfleet.server.secret.Secrets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
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
        seal(SecretKeyCheck.open(config, db));

        assertThat(open(SecretKeyCheck.open(config, db))).contains("secret");
        assertThat(SecretKeyCheck.checkAll(config, db)).isEqualTo(1);
    }

    @Test
    void a_lost_key_is_not_replaced_while_something_is_sealed_with_it() throws Exception {
        seal(SecretKeyCheck.open(config, db));
        Files.delete(config.secretKeyFile());

        assertThatThrownBy(() -> SecretKeyCheck.open(config, db))
                .isInstanceOf(OperatorError.class)
                .hasMessageContaining("restore it");
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
        seal(SecretKeyCheck.open(config, db));
        db.write(tx -> tx.execute("INSERT INTO secrets SELECT 'enrollment_tokens/t2', sealed FROM secrets"));

        SecretKeyCheck.open(config, db);

        assertThatThrownBy(() -> SecretKeyCheck.checkAll(config, db))
                .hasMessageContaining("does not open 1 of 2")
                .hasMessageContaining("enrollment_tokens/t2");
    }

    private void seal(Secrets secrets) {
        db.change(tx -> secrets.put(tx, "enrollment_tokens/t1", "secret"));
    }

    private Optional<String> open(Secrets secrets) {
        return db.read(handle -> secrets.find(handle, "enrollment_tokens/t1", String.class));
    }
}
