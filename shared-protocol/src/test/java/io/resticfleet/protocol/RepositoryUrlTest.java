package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryUrlTest {

    @ParameterizedTest
    @CsvSource({
        "/srv/backup,                          local",
        "local:/srv/backup,                    local",
        "rest:http://nas:8000/web01/,          rest",
        "rest:https://[::1]:8000/,             rest",
        "sftp:user@nas:/srv/backup,            sftp",
        "sftp://user@nas:2222//srv/backup,     sftp",
        "sftp://DOM%5Cuser%40dom@nas-1.lan//srv, sftp",
        "sftp:user@[fe80::1]:/srv/$(x),        sftp",
        "s3:https://host/bucket,               s3",
        "s3:s3.amazonaws.com/bucket/a@b:c,     s3",
        "b2:bucket:path/to/repo,               b2",
        "azure:container:/,                    azure",
        "gs:bucket:/,                          gs",
        "swift:container:/path,                swift",
        "rclone:remote:some@dir,               rclone",
    })
    void the_backends_of_restic_are_supported(String value, String backend) {
        assertThat(new RepositoryUrl(value).backend()).isEqualTo(backend);
        assertThat(new RepositoryUrl(value)).hasToString(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "srv/backup",
                "./srv",
                "local:srv/backup",
                "ftp://nas/x",
                "REST:http://nas/",
                "--help",
                "-r",
                "rest:",
                "rest:nas:8000/",
                "rest:ftp://nas/",
                "rest:http:///x",
                "rclone::webdav,bearer_token_command='touch x',url=http://x:",
                "rclone:webdav,bearer_token_command=x:dir",
                "rclone:-v:dir",
                "sftp:-oProxyCommand=x:/srv",
                "sftp:user@-oProxyCommand=x:/srv",
                "sftp:-l@nas:/srv",
                "sftp://-E/srv",
                "sftp:user@nas;touch$IFS/x:/srv",
                "sftp:user@$(touch:/srv",
                "sftp:user@nas`id`:/srv",
                "sftp://user@nas|id/srv",
                "sftp:$(id)@nas:/srv",
                "sftp://%24%28id%29@nas/srv",
                "sftp://%2DoProxyCommand=x@nas/srv",
                "sftp:nas%0a:/srv",
                "rest:http://nas/a b",
                "/srv/a\nb",
                "/srv/a\u0000b",
            })
    void a_url_that_restic_could_not_open_is_refused(String value) {
        assertThat(catchThrowableOfType(IllegalArgumentException.class, () -> new RepositoryUrl(value)))
                .isNotNull();
    }

    @Test
    void a_url_that_is_too_long_is_refused() {
        assertThat(catchThrowableOfType(
                        IllegalArgumentException.class, () -> new RepositoryUrl("/" + "x".repeat(2_048))))
                .hasMessage("a repository URL is 1 to 2048 characters on one line");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rest:http://web01:hunter2@nas:8000/",
                "rest:https://:hunter2@nas:8000/",
                "rest:https://hunter2@nas:8000/",
                "rest:http://web01:hunter2@my_nas:8000/",
                "rest:http://web01:hunter2%@nas/",
                "rest:http://web01:hunter2 @nas/",
                "rest://web01:hunter2@nas/",
                "ftp://web01:hunter2@nas/",
                "hunter2",
                "local:hunter2",
                "/srv\nhunter2",
                "s3:https://key:hunter2@host/bucket",
                "s3:http://key:hunter2@host/bucket",
                "sftp://web01:hunter2@nas/srv",
                "sftp:web01:hunter2@nas:/srv",
            })
    void a_url_with_a_secret_is_refused_without_repeating_it(String value) {
        var refusal = catchThrowableOfType(IllegalArgumentException.class, () -> new RepositoryUrl(value));

        assertThat(refusal).isNotNull();
        for (Throwable cause = refusal; cause != null; cause = cause.getCause()) {
            assertThat(cause.toString()).doesNotContain("hunter2");
        }
    }

    @Test
    void credentials_are_encoded_and_decode_to_the_same() {
        var url = new RepositoryUrl("rest:https://nas:8000/web01/");

        var whole = url.withCredentials(Optional.of("we@b/01"), Optional.of("p:a@s s/w%ö$1\\+d"));

        var parsed = URI.create(whole.substring("rest:".length()));
        assertThat(parsed.getHost()).isEqualTo("nas");
        assertThat(parsed.getPath()).isEqualTo("/web01/");
        assertThat(parsed.getRawUserInfo().split(":"))
                .extracting(text -> URLDecoder.decode(text, StandardCharsets.UTF_8))
                .containsExactly("we@b/01", "p:a@s s/w%ö$1\\+d");
        assertThat(parsed.getRawUserInfo()).doesNotContain("+");
    }

    @Test
    void missing_credentials_are_left_out() {
        var url = new RepositoryUrl("rest:https://nas:8000/");

        assertThat(url.withCredentials(Optional.empty(), Optional.of("hunter2")))
                .isEqualTo("rest:https://nas:8000/");
        assertThat(url.withCredentials(Optional.of("web01"), Optional.empty()))
                .isEqualTo("rest:https://web01@nas:8000/");
    }

    @Test
    void other_backends_get_credentials_in_the_environment() {
        var s3 = new RepositoryUrl("s3:https://host/bucket");
        var b2 = new RepositoryUrl("b2:bucket:x");
        var rest = new RepositoryUrl("rest:http://nas/");

        assertThat(s3.withCredentials(Optional.of("id"), Optional.of("secret"))).isEqualTo("s3:https://host/bucket");
        assertThat(s3.environment(Optional.of("id"), Optional.of("secret")))
                .containsOnly(entry("AWS_ACCESS_KEY_ID", "id"), entry("AWS_SECRET_ACCESS_KEY", "secret"));
        assertThat(b2.environment(Optional.of("id"), Optional.of("secret")))
                .containsOnly(entry("B2_ACCOUNT_ID", "id"), entry("B2_ACCOUNT_KEY", "secret"));
        assertThat(rest.environment(Optional.of("id"), Optional.of("secret"))).isEmpty();
    }

    @Test
    void only_some_backends_take_a_user_name_and_password() {
        assertThat(new RepositoryUrl("rest:http://nas/").takesCredentials()).isTrue();
        assertThat(new RepositoryUrl("s3:https://host/bucket").takesCredentials())
                .isTrue();
        assertThat(new RepositoryUrl("b2:bucket:x").takesCredentials()).isTrue();
        assertThat(new RepositoryUrl("/srv/backup").takesCredentials()).isFalse();
        assertThat(new RepositoryUrl("sftp:user@nas:/srv").takesCredentials()).isFalse();
    }

    @Test
    void the_local_path_and_the_http_address_can_be_probed() {
        assertThat(new RepositoryUrl("/srv/backup").localPath()).contains("/srv/backup");
        assertThat(new RepositoryUrl("local:/srv/backup").localPath()).contains("/srv/backup");
        assertThat(new RepositoryUrl("sftp:nas:/srv").localPath()).isEmpty();
        assertThat(new RepositoryUrl("rest:http://nas:8000/a/").http()).contains(URI.create("http://nas:8000/a/"));
        assertThat(new RepositoryUrl("/srv/backup").http()).isEmpty();
    }

    @Test
    void a_repository_never_shows_its_secrets() {
        var repository = new Repository(
                new RepositoryUrl("rest:http://nas/"), Optional.of("web01"), Optional.of("hunter2"), "hunter3");

        assertThat(repository.toString()).contains("rest:http://nas/").doesNotContain("hunter");
    }
}
