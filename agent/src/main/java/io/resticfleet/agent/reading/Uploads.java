package io.resticfleet.agent.reading;

import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.TransferToken;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Sends bodies to the server, and to nobody else: redirects are not followed.
 *
 * @param client trusts this server
 * @param address of a path at the server
 * @param nanos monotonic clock, in nanoseconds
 */
public record Uploads(HttpClient client, Function<String, URI> address, Threads threads, LongSupplier nanos) {

    /**
     * Starts a request. Close it in any case.
     *
     * @param over true once it is not needed any more
     */
    Upload open(TransferToken transfer, BooleanSupplier over) {
        return Upload.start(client, address.apply(transfer.path()), transfer, threads.signal(), nanos, over);
    }
}
