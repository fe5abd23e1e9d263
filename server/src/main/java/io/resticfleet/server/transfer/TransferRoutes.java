package io.resticfleet.server.transfer;

import io.resticfleet.protocol.Protocol;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.UploadBody;
import java.time.Duration;

/** The route for what agents send on demand. */
public final class TransferRoutes {

    /** Time for restic to load what it needs before it goes on, or for a browser to go on reading. */
    private static final Duration IDLE = Duration.ofMinutes(2);

    private final Transfers transfers;

    public TransferRoutes(Transfers transfers) {
        this.transfers = transfers;
    }

    public void install(Routes routes) {
        routes.upload(
                        Protocol.TRANSFERS_PATH + "{token}",
                        Access.AGENT,
                        "What an agent was asked to send; the address is the proof, and works once",
                        ctx -> {
                            var transfer = transfers.take(ctx.pathParam("token"));
                            transfers.receive(transfer, UploadBody.of(ctx, IDLE));
                            ctx.status(204);
                        })
                .answers(204);
    }
}
