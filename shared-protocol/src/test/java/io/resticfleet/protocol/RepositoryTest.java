package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepositoryTest {

    /** An agent refuses what a server must not set, whatever that server checks. */
    @ParameterizedTest
    @CsvSource({
        "s3:nas/b, AWS_PROFILE",
        "s3:nas/b, AWS_CONFIG_FILE",
        "s3:nas/b, AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "gs:b:/, GOOGLE_APPLICATION_CREDENTIALS",
        "azure:c:/, AZURE_FORCE_CLI_CREDENTIAL",
        "/srv, HTTPS_PROXY",
        "rclone:x:y, RCLONE_CONFIG_X_TYPE",
        "rest:http://nas/, PATH",
        "rest:http://nas/, RESTIC_REST_PASSWORD",
    })
    void a_frame_with_a_variable_that_is_not_allowed_is_refused_without_its_value(String url, String name) {
        var frame = "{\"type\":\"config.update\",\"hostname\":\"h\",\"repository\":{\"url\":\"" + url
                + "\",\"repo_password\":\"x\",\"env\":{\"" + name + "\":\"hunter2\"}},\"repository_known\":true}";

        var refusal = catchThrowableOfType(Wire.UnreadableMessage.class, () -> Wire.decodeToAgent(frame));

        assertThat(refusal).isNotNull();
        assertThat(refusal.getMessage()).contains("repository").doesNotContain("hunter2");
    }

    @Test
    void every_kind_has_its_variables() {
        assertThat(BackendVariables.names("local")).isEmpty();
        assertThat(BackendVariables.names("sftp")).isEmpty();
        assertThat(BackendVariables.names("rest")).containsExactly("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY");
        assertThat(BackendVariables.names("s3"))
                .containsExactly(
                        "AWS_ACCESS_KEY_ID",
                        "AWS_DEFAULT_REGION",
                        "AWS_SECRET_ACCESS_KEY",
                        "AWS_SESSION_TOKEN",
                        "HTTPS_PROXY",
                        "HTTP_PROXY",
                        "NO_PROXY");
        assertThat(RepositoryUrl.BACKENDS)
                .allSatisfy(backend -> assertThat(BackendVariables.names(backend))
                        .noneMatch(name -> name.matches(".*(FILE|COMMAND|CREDENTIALS|PATH|ENDPOINT_URL).*")));
    }

    @ParameterizedTest
    @CsvSource({
        "s3:nas/b, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY",
        "b2:b:/, B2_ACCOUNT_ID, B2_ACCOUNT_KEY",
        "azure:c:/, AZURE_ACCOUNT_NAME, AZURE_ACCOUNT_KEY",
        "swift:c:/, OS_USERNAME, OS_PASSWORD",
    })
    void user_name_and_password_are_the_same_as_their_variables(String url, String user, String password) {
        var pair = new Repository(new RepositoryUrl(url), Optional.of("u"), Optional.of("p"), "r");
        var variables = repository(url, Optional.empty(), Map.of(user, "u", password, "p"));

        assertThat(variables).isEqualTo(pair);
        assertThat(variables.env()).isEmpty();
        assertThat(variables.variables()).isEqualTo(Map.of(user, "u", password, "p"));
        assertThatThrownBy(() -> repository(url, Optional.of("other"), Map.of(user, "u")))
                .hasMessageContaining("given twice");
    }

    @Test
    void secrets_are_known_by_name() {
        assertThat(repository(
                                "s3:nas/b",
                                Optional.empty(),
                                Map.of("AWS_SESSION_TOKEN", "t", "AWS_DEFAULT_REGION", "eu"))
                        .secrets())
                .containsExactly("r", "t");
        var google = new Repository(
                new RepositoryUrl("gs:b:/"),
                Optional.empty(),
                Optional.of("{\n\"type\": \"authorized_user\",\n\"refresh_token\": \"hunter2\"}"),
                "r");
        assertThat(google.password()).contains("{\"type\":\"authorized_user\",\"refresh_token\":\"hunter2\"}");
        assertThat(google.secrets()).contains("hunter2");
    }

    @Test
    void a_host_key_has_the_fingerprint_that_ssh_shows() {
        var key = new SshHostKey(
                "[nas.lan]:2222 ssh-ed25519" + " AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl");

        assertThat(key.server()).isEqualTo("[nas.lan]:2222");
        assertThat(key.type()).isEqualTo("ssh-ed25519");
        assertThat(key.fingerprint()).isEqualTo("SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
        for (var line : List.of(
                "@cert-authority * ssh-ed25519 AAAA",
                "nas ssh-ed25519 AAAA comment",
                "nas ssh-ed25519 x",
                "nas ssh-ed25519 AAAA\nother ssh-ed25519 AAAA",
                "*.lan ssh-ed25519 AAAA",
                "|1|x= ssh-ed25519 AAAA")) {
            assertThatThrownBy(() -> new SshHostKey(line)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static Repository repository(String url, Optional<String> username, Map<String, String> env) {
        return new Repository(
                new RepositoryUrl(url), username, Optional.empty(), "r", env, Optional.empty(), List.of());
    }
}
