package io.resticfleet.server.page.repository;

import io.javalin.http.Context;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.SshAccess;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryRequest;
import io.resticfleet.server.repository.RepositoryView;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.List;
import java.util.Optional;

/** Sets up ssh for an sftp repository: shows the key of a machine, and has an operator confirm those of the server. */
final class SshPages {

    private static final String PATH = "/repositories/{repository}/ssh";

    private final Html html;
    private final RepositoryFrames frames;
    private final Repositories repositories;
    private final HostConfigs configs;
    private final Questions questions;

    SshPages(Html html, RepositoryFrames frames, Repositories repositories, HostConfigs configs, Questions questions) {
        this.html = html;
        this.frames = frames;
        this.repositories = repositories;
        this.configs = configs;
        this.questions = questions;
    }

    void install(Routes routes) {
        routes.page(PATH, Access.USER, ctx -> show(ctx, Optional.empty(), ""));
        routes.form(PATH, Access.USER, this::ask);
        routes.form(PATH + "/confirm", Access.USER, this::confirm);
    }

    private void show(Context ctx, Optional<SshScreen.Answer> answer, String notice) {
        var frame = frames.of(ctx, "ssh");
        var confirmed = repositories
                .shared(frame.repository().id())
                .map(Repository::sshHostKeys)
                .orElse(List.of());
        html.answer(ctx, "repository/ssh.jte", new SshScreen(frame, confirmed, answer, notice));
    }

    private void ask(Context ctx) {
        var repository = frames.of(ctx, "ssh").repository();
        var hostId = Requests.valid("host_id", "unknown_host", HostId::new, Requests.field(ctx, "host_id"));
        var ask = Requests.valid("url", "invalid_repository_url", Ask.Ssh::new, new RepositoryUrl(repository.url()));
        try {
            var reply =
                    questions.ask(hostId, Caller.of(ctx).userId(), List.of(ask)).get(0);
            if (reply instanceof SshAccess access) {
                show(ctx, Optional.of(answer(repository, hostId, access)), "");
            } else {
                show(
                        ctx,
                        Optional.empty(),
                        reply instanceof Reply.Failure failure
                                ? failure.detail()
                                : "the machine's agent answered something else");
            }
        } catch (Problem e) {
            ctx.status(e.status());
            show(ctx, Optional.empty(), e.getMessage());
        }
    }

    private static SshScreen.Answer answer(RepositoryView repository, HostId hostId, SshAccess access) {
        var name = repository.hosts().stream()
                .filter(user -> user.id().equals(hostId))
                .map(RepositoryView.User::name)
                .findFirst()
                .orElse("the machine");
        return new SshScreen.Answer(hostId, name, access.publicKey(), access.hostKeys());
    }

    private void confirm(Context ctx) {
        var id = Requests.repository(ctx);
        configs.change(
                Actor.of(ctx),
                id,
                new RepositoryRequest(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(Requests.field(ctx, "lines")
                                .lines()
                                .filter(line -> !line.isBlank())
                                .toList()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                HostConfigs.When.OPENED);
        Redirects.to(ctx, "/repositories/" + id);
    }
}
