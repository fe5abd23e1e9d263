package io.resticfleet.server.channel;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;

/** Routes for channels. */
public final class ChannelRoutes {

    private final Channels channels;

    public ChannelRoutes(Channels channels) {
        this.channels = channels;
    }

    public void install(Routes routes) {
        routes.get(
                        "/api/channels",
                        Access.USER,
                        "Where people are told",
                        ctx -> ctx.json(channels.list(Page.Request.of(ctx))))
                .answersPageOf(Channel.class);
        routes.post("/api/channels", Access.USER, "Create a channel", this::create)
                .takes(ChannelBody.class)
                .answers(201, Channel.class);
        routes.get(
                        "/api/channels/{channel}",
                        Access.USER,
                        "One channel; secrets are never answered",
                        ctx -> ctx.json(channels.get(id(ctx))))
                .answers(200, Channel.class);
        routes.put(
                        "/api/channels/{channel}",
                        Access.USER,
                        "Replace a channel; secrets that are left out keep their value",
                        this::update)
                .takes(ChannelBody.class)
                .answers(200, Channel.class);
        routes.delete(
                        "/api/channels/{channel}",
                        Access.USER,
                        "Delete a channel, with all that waits for it",
                        this::delete)
                .answers(204);
        routes.post(
                        "/api/channels/{channel}/test",
                        Access.USER,
                        "Send a test message, and wait for its result for up to 20 s",
                        ctx -> ctx.json(channels.test(Actor.of(ctx), id(ctx))))
                .answers(200, Channels.TestResult.class);
        routes.get(
                        "/api/channels/{channel}/deliveries",
                        Access.USER,
                        "Messages to a channel with the last attempts, newest first",
                        ctx -> ctx.json(channels.deliveries(id(ctx), Page.Request.of(ctx))))
                .answersPageOf(Delivery.class);
    }

    private static String id(Context ctx) {
        return ctx.pathParam("channel");
    }

    private void create(Context ctx) {
        var body = Requests.body(ctx, ChannelBody.class);
        ctx.status(201).json(channels.create(Actor.of(ctx), body));
    }

    private void update(Context ctx) {
        var body = Requests.body(ctx, ChannelBody.class);
        ctx.json(channels.update(Actor.of(ctx), id(ctx), body));
    }

    private void delete(Context ctx) {
        channels.delete(Actor.of(ctx), id(ctx));
        ctx.status(204);
    }
}
