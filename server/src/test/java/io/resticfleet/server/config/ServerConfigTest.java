package io.resticfleet.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerConfigTest {

    @Test
    void everything_has_a_default() {
        var config = ServerConfig.from(Map.of("PATH", "/bin"), Map.of());

        assertThat(config.listen()).isEqualTo(new ListenAddress("127.0.0.1", 8080));
        assertThat(config.dataDir()).isEqualTo(Path.of("./data"));
        assertThat(config.secretKeyFile()).isEqualTo(Path.of("./data/secret.key"));
        assertThat(config.publicUrl()).isEmpty();
        assertThat(config.bootstrapToken()).isEmpty();
        assertThat(config.trustedProxies()).isEmpty();
        assertThat(config.tls()).isEmpty();
    }

    @Test
    void a_flag_beats_the_environment() {
        var environment = Map.of("RESTIC_FLEET_LISTEN", "0.0.0.0:80", "RESTIC_FLEET_DATA_DIR", "/srv/fleet");

        var config = ServerConfig.from(environment, Map.of("--listen", "[::1]:0"));

        assertThat(config.listen()).isEqualTo(new ListenAddress("::1", 0)).hasToString("[::1]:0");
        assertThat(config.secretKeyFile()).isEqualTo(Path.of("/srv/fleet/secret.key"));
    }

    @Test
    void what_is_blank_is_not_set() {
        var config = ServerConfig.from(Map.of("RESTIC_FLEET_PUBLIC_URL", "", "RESTIC_FLEET_TLS_CERT", " "), Map.of());

        assertThat(config.publicUrl()).isEmpty();
        assertThat(config.tls()).isEmpty();
    }

    @Test
    void a_slash_at_the_end_of_the_public_url_does_not_count() {
        var config = ServerConfig.from(Map.of("RESTIC_FLEET_PUBLIC_URL", "https://backup.example.org/"), Map.of());

        assertThat(config.publicUrl()).contains(URI.create("https://backup.example.org"));
    }

    @Test
    void what_belongs_to_the_agent_is_left_alone() {
        ServerConfig.from(
                Map.of(
                        "RESTIC_FLEET_RESTIC",
                        "/opt/restic",
                        "RESTIC_FLEET_ALLOW_HOOKS",
                        "1",
                        "RESTIC_FLEET_POLICY",
                        "/x"),
                Map.of());
    }

    @Test
    void all_errors_are_reported_at_once() {
        var environment = Map.of(
                "RESTIC_FLEET_LISTEN", "8080",
                "RESTIC_FLEET_DATADIR", "/srv",
                "RESTIC_FLEET_TRUSTED_PROXIES", "10.0.0.0/8, proxy.local",
                "RESTIC_FLEET_TLS_CERT", "/etc/cert.pem");

        assertThatThrownBy(() -> ServerConfig.from(environment, Map.of("--port", "1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("""
                        RESTIC_FLEET_DATADIR is not a setting; did you mean RESTIC_FLEET_DATA_DIR?
                        --port is not a setting
                        RESTIC_FLEET_LISTEN is '8080': it must be like 127.0.0.1:8080 or [::1]:8080
                        RESTIC_FLEET_TRUSTED_PROXIES is '10.0.0.0/8, proxy.local': 'proxy.local' is not an IP address or a CIDR network
                        RESTIC_FLEET_TLS_CERT and RESTIC_FLEET_TLS_KEY belong together: set both or neither""");
    }

    @ParameterizedTest
    @CsvSource({
        "RESTIC_FLEET_LISTEN, 127.0.0.1:65536, port must be",
        "RESTIC_FLEET_LISTEN, ::1:8080, must be like",
        "RESTIC_FLEET_LISTEN, http://127.0.0.1:8080, must be like",
        "RESTIC_FLEET_PUBLIC_URL, backup.example.org, must be like",
        "RESTIC_FLEET_PUBLIC_URL, ftp://backup.example.org, must be like",
        "RESTIC_FLEET_PUBLIC_URL, https://backup.example.org/fleet, without a path",
        "RESTIC_FLEET_TLS, on, it must be off or self-signed",
        "RESTIC_FLEET_TLS_NEXT_PIN, abc, 64 hexadecimal digits",
        "RESTIC_FLEET_TRUSTED_PROXIES, 10.0.0.0/33, must end in /0 to /32",
        "RESTIC_FLEET_TRUSTED_PROXIES, 10.0.0, is not an IP address",
    })
    void a_bad_value_is_refused_with_its_words(String name, String value, String words) {
        assertThatThrownBy(() -> ServerConfig.from(Map.of(name, value), Map.of()))
                .hasMessageStartingWith(name + " is '" + value + "'")
                .hasMessageContaining(words);
    }

    @Test
    void a_certificate_is_either_given_or_made() {
        var given = Map.of("--tls-cert", "/etc/cert.pem", "--tls-key", "/etc/key.pem", "--tls", "self-signed");

        assertThatThrownBy(() -> ServerConfig.from(Map.of(), given)).hasMessageContaining("exclude each other");
        assertThatThrownBy(() -> ServerConfig.from(Map.of("RESTIC_FLEET_TLS_NEXT_PIN", "a".repeat(64)), Map.of()))
                .hasMessageContaining("RESTIC_FLEET_TLS_NEXT_PIN requires");
        assertThat(ServerConfig.from(Map.of("RESTIC_FLEET_TLS", "off"), Map.of())
                        .tls())
                .isEmpty();
    }

    @Test
    void the_bootstrap_token_is_shown_nowhere() {
        var config = ServerConfig.from(Map.of("RESTIC_FLEET_BOOTSTRAP_TOKEN", "a-secret-of-the-house"), Map.of());

        assertThat(config.toString()).contains("bootstrap-token=***").doesNotContain("a-secret");
    }
}
