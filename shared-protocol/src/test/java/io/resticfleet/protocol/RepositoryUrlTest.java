package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
        "rest:http://nas:8000/web01/,          rest",
        "rest:http://my_nas:8000/a b/,         rest",
        "rest:https://[::1]:8000/,             rest",
        "rest:https://münchen.example/,        rest",
        "sftp:user@nas:/srv/backup,            sftp",
        "sftp:root@nas:/volume1/my backups,    sftp",
        "sftp:nas:backup,                      sftp",
        "sftp:nas:/srv/a@b:c,                  sftp",
        "sftp://user@nas:2222//srv/backup,     sftp",
        "sftp://user@nas:2222/srv,             sftp",
        "sftp://DOM%5Cuser%40dom@nas-1.lan//srv, sftp",
        "sftp://user@[fe80::1]//srv/$(x),      sftp",
        "s3:https://host/bucket,               s3",
        "s3:http://127.0.0.1:9000/bucket/a b,  s3",
        "s3:https://s3.amazonaws.com/bucket/a@b:c, s3",
        "b2:bucket:/path/to/repo,              b2",
        "azure:container:/,                    azure",
        "gs:bucket:/,                          gs",
        "swift:container:/path,                swift",
        "rclone:remote:some@dir,               rclone",
        "rclone:my remote:path,                rclone",
        "rclone:remote:,                       rclone",
        "rclone:remote:/path,                  rclone",
    })
    void the_backends_of_restic_are_supported(String value, String backend) {
        assertThat(RepositoryUrl.typed(value).backend()).isEqualTo(backend);
        assertThat(RepositoryUrl.typed(value)).hasToString(value);
    }

    @ParameterizedTest
    @CsvSource({
        "/srv/backup/,                      /srv/backup",
        "local:/srv/backup,                 /srv/backup",
        "local:/srv/backup/,                /srv/backup",
        "/,                                 /",
        "rest:http://NAS.lan:80/Web01,      rest:http://nas.lan/Web01/",
        "rest:HTTPS://nas:443,              rest:https://nas/",
        "rest:https://nas:80/,              rest:https://nas:80/",
        "rest:http://nas:08000/x/,          rest:http://nas:8000/x/",
        "rest:http://nas:/x/,               rest:http://nas/x/",
        "s3:S3.amazonaws.com/Bucket/x/,     s3:https://s3.amazonaws.com/Bucket/x",
        "s3://nas:443/bucket,               s3:https://nas/bucket",
        "s3:nas:9000/bucket/100%,           s3:https://nas:9000/bucket/100%25",
        "sftp://user@nas:22//srv/,          sftp:user@nas:/srv",
        "sftp://user@nas/srv,               sftp:user@nas:srv",
        "sftp:user@[fe80::1]:/srv/50%,      sftp://user@[fe80::1]//srv/50%25",
        "b2:bucket,                         b2:bucket:/",
        "b2:bucket:path/,                   b2:bucket:/path",
        "b2:mybucket:laptop@home,           b2:mybucket:/laptop@home",
        "gs:bk:a@b,                         gs:bk:/a@b",
        "azure:container,                   azure:container:/",
        "rclone:remote:path/,               rclone:remote:path",
    })
    void each_location_has_one_spelling(String typed, String canonical) {
        assertThat(RepositoryUrl.typed(typed)).hasToString(canonical);
        assertThat(RepositoryUrl.typed(canonical)).hasToString(canonical);
    }

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "/d/nope/../full,/d/full",
                "/d/./full,/d/full",
                "//d//full,/d/full",
                "/../../d,/d",
                "/d/full ,/d/full",
                "\u00a0/d/full\u00a0,/d/full",
                "\ufeff/d/full,/d/full",
                "/d/full\u3000,/d/full",
                "local:/d/full ,/d/full",
                "rest:http://nas//x/../y/,rest:http://nas/y/",
                "sftp:nas:../x/./y,sftp:nas:../x/y",
                "s3:nas/bucket//x,s3:https://nas/bucket/x",
            })
    void what_restic_would_resolve_is_refused_from_people_and_resolved_from_programs(String value, String resolved) {
        assertThat(catchThrowableOfType(IllegalArgumentException.class, () -> RepositoryUrl.typed(value)))
                .isNotNull();
        assertThat(new RepositoryUrl(value)).hasToString(resolved);
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
                "rest:http://nas/a%zz",
                "rest:http://nas/a?b",
                "rest:http://nas:99999/",
                "s3:nas",
                "sftp:nas",
                "sftp:nas:~/x",
                "rclone:my remote :path",
                "rclone: remote:path",
                "rclone:remote::path",
                "/srv/\ud800",
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
                "s3:key:hunter2@host/bucket",
                "s3:https://hunter2@host/bucket",
                "rclone:remote:https://key:hunter2@host/",
            })
    void a_url_with_a_secret_is_refused_without_repeating_it(String value) {
        var refusal = catchThrowableOfType(IllegalArgumentException.class, () -> RepositoryUrl.typed(value));

        assertThat(refusal).isNotNull();
        for (Throwable cause = refusal; cause != null; cause = cause.getCause()) {
            assertThat(cause.toString()).doesNotContain("hunter2");
        }
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "sftp:user@nas:/srv/a@b:22/c, nas, user, -",
                "sftp:nas:backup, nas, -, -",
                "sftp:nas:22/x, nas, -, -",
                "sftp://user@nas:2222//srv/x, nas, user, 2222",
                "sftp://DOM%5Cuser%40dom@nas-1.lan:24//srv, nas-1.lan, DOM\\user@dom, 24",
                "sftp://user@[fe80::1]//srv, fe80::1, user, -",
                "sftp:us+er@[fe80::1]:/srv, fe80::1, us+er, -",
                "rest:http://sftp:2222/x/, -, -, -",
            })
    void the_ssh_server_is_the_one_that_restic_gives_to_ssh(String url, String host, String user, Integer port) {
        assertThat(new RepositoryUrl(url).sshServer())
                .isEqualTo(Optional.ofNullable(host)
                        .map(name -> new RepositoryUrl.SshServer(
                                name, Optional.ofNullable(user), Optional.ofNullable(port))));
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
        assertThat(s3.environment(Optional.of("id"), Optional.of("se;cret")))
                .containsOnly(entry("AWS_ACCESS_KEY_ID", "id"), entry("AWS_SECRET_ACCESS_KEY", "se;cret"));
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
    void the_local_path_and_the_server_can_be_probed() {
        assertThat(new RepositoryUrl("/srv/backup").localPath()).contains("/srv/backup");
        assertThat(new RepositoryUrl("local:/srv/backup").localPath()).contains("/srv/backup");
        assertThat(new RepositoryUrl("sftp:nas:/srv").localPath()).isEmpty();
        assertThat(new RepositoryUrl("rest:http://my_nas:8000/a/").httpServer())
                .contains(new RepositoryUrl.Server("my_nas", 8000));
        assertThat(new RepositoryUrl("rest:https://[::1]").httpServer()).contains(new RepositoryUrl.Server("::1", 443));
        assertThat(RepositoryUrl.typed("rest:http://[FE80::1%25eth0]:8000/").httpServer())
                .contains(new RepositoryUrl.Server("fe80::1%eth0", 8000));
        assertThat(new RepositoryUrl("/srv/backup").httpServer()).isEmpty();
        assertThat(new RepositoryUrl("s3:nas/b").httpServer()).contains(new RepositoryUrl.Server("nas", 443));
        assertThat(new RepositoryUrl("b2:nas:b").httpServer()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "  x y ,x y",
                "\u00a0x\u3000,x",
                "\ufeff x,x",
                "\ufeff\ufeffx,\ufeffx",
                "x\ufeff,x\ufeff",
                "\u0085x,x",
                "x\u200b,x\u200b"
            })
    void a_password_is_what_restic_reads_from_a_file(String stored, String password) {
        var repository = new Repository(new RepositoryUrl("/srv"), Optional.empty(), Optional.empty(), stored);

        assertThat(repository.repoPassword()).isEqualTo(password);
        assertThat(ResticFileText.isKept(stored)).isEqualTo(stored.equals("x\u200b"));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "rest:http://web01:hunter2@nas:8000/x, rest:http://nas:8000/x/, web01, hunter2",
                "rest:https://we%40b:hun+ter%2F2@Nas/, rest:https://nas/, we@b, hun+ter/2",
                "rest:https://web01@nas/x/, rest:https://nas/x/, web01, -",
                "rest:http://web01:a@b:c@nas/, rest:http://nas/, web01, a@b:c",
                "s3:https://key:hunter2@nas:9000/bucket/x?y#z, s3:https://nas:9000/bucket/x, -, -",
                "s3:http://key@nas/bucket, s3:http://nas/bucket, -, -",
                "sftp://web01:hunter2@nas//srv/x?y, sftp:web01@nas:/srv/x, -, -",
                "sftp://web01@nas:2222//srv#x, sftp://web01@nas:2222//srv, -, -",
                "/srv/rest:http://a:b@nas/, /srv/rest:http:/a:b@nas, -, -",
                "/srv/sftp://a/b?c, /srv/sftp:/a/b?c, -, -",
            })
    void a_stored_url_that_is_refused_from_people_is_read_as_restic_reads_it(
            String stored, String url, String username, String password) throws Exception {
        assertThat(catchThrowableOfType(IllegalArgumentException.class, () -> RepositoryUrl.typed(stored)))
                .isNotNull();

        var json = "{\"url\":\"" + stored + "\",\"repo_password\":\"" + "x".repeat(5_000) + "\"}";
        var repository = Json.LENIENT.readValue(json, Repository.class);

        assertThat(repository.url()).hasToString(url).isEqualTo(new RepositoryUrl(stored));
        assertThat(repository.username()).isEqualTo(Optional.ofNullable(username));
        assertThat(repository.password()).isEqualTo(Optional.ofNullable(password));
        assertThat(Json.LENIENT.readValue(Json.LENIENT.writeValueAsString(repository), Repository.class))
                .isEqualTo(repository);
    }

    @Test
    void credentials_beside_a_stored_url_are_used_instead_of_those_in_it() throws Exception {
        var repository = Json.LENIENT.readValue(
                "{\"url\":\"rest:http://a:b@nas/\",\"username\":\"web01\",\"repo_password\":\"x\"}", Repository.class);

        assertThat(repository.username()).contains("web01");
        assertThat(repository.password()).isEmpty();
    }

    @Test
    void credentials_in_a_stored_url_that_restic_cannot_read_are_not_repeated() {
        assertThatThrownBy(() -> Json.LENIENT.readValue(
                        "{\"url\":\"rest:http://a:hunter%zz2@nas/\",\"repo_password\":\"x\"}", Repository.class))
                .hasMessageContaining("are not encoded")
                .hasMessageNotContaining("hunter");
    }

    @Test
    void a_repository_never_shows_its_secrets() {
        var repository = new Repository(
                new RepositoryUrl("rest:http://nas/"), Optional.of("web01"), Optional.of("hunter2"), "hunter3");

        assertThat(repository.toString()).contains("rest:http://nas/").doesNotContain("hunter");
    }
}
