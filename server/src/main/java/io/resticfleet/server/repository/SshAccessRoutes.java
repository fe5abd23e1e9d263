package io.resticfleet.server.repository;

import io.javalin.http.Context;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.SshAccess;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.List;

/** Sets up ssh for an sftp repository: the machine's public key to enter there, and the host keys to confirm. */
public final class SshAccessRoutes {

    private final Hosts hosts;
    private final Questions questions;

    public SshAccessRoutes(Hosts hosts, Questions questions) {
        this.hosts = hosts;
        this.questions = questions;
    }

    /** @param url of an sftp repository */
    record Body(String url) {}

    /**
     * What both sides need.
     *
     * @param publicKey a line for {@code authorized_keys} on the ssh server
     * @param hostKeys that the ssh server shows now; their lines become {@code ssh_host_keys} of the repository once
     *     somebody has compared the fingerprints
     */
    record Answer(String publicKey, List<HostKey> hostKeys) {}

    /** @param fingerprint as ssh shows it */
    record HostKey(String type, String fingerprint, String line) {}

    public void install(Routes routes) {
        routes.post(
                        "/api/hosts/{host}/ssh-access",
                        Access.USER,
                        "The machine's public key, and the keys that an sftp server shows to it",
                        this::ask)
                .takes(Body.class)
                .answers(200, Answer.class);
    }

    private void ask(Context ctx) {
        var host = hosts.get(Requests.host(ctx));
        var url = Requests.valid(
                "url",
                "invalid_repository_url",
                RepositoryUrl::typed,
                Requests.body(ctx, Body.class).url());
        var ask = Requests.valid("url", "invalid_repository_url", Ask.Ssh::new, url);
        var reply =
                questions.ask(host.id(), Caller.of(ctx).userId(), List.of(ask)).get(0);
        if (reply instanceof SshAccess access) {
            ctx.json(new Answer(
                    access.publicKey(),
                    access.hostKeys().stream()
                            .map(key -> new HostKey(key.type(), key.fingerprint(), key.line()))
                            .toList()));
        } else if (reply instanceof Reply.Failure failure) {
            throw Problem.conflict(failure.code(), failure.detail());
        } else {
            throw Problem.conflict("failed", "the machine's agent answered something else");
        }
    }
}
