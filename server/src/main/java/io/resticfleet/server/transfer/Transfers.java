package io.resticfleet.server.transfer;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.TransferToken;
import io.resticfleet.server.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Addresses to which an agent can send one body, once. The address is a secret that only this agent was sent. Safe for use by
 * many threads.
 */
public final class Transfers {

    /** Of all hosts together: those that are awaited, and those that are received. */
    private static final int MAX = 128;

    private static final int MAX_PER_HOST = 24;
    private static final int TOKEN_BYTES = 32;

    private final LongSupplier nanoTime;
    private final SecureRandom random = new SecureRandom();
    private final Map<TransferToken, Transfer> awaited = new HashMap<>();
    private final Map<HostId, Integer> counts = new HashMap<>();
    private int count;

    /** Uses what an agent sends. */
    public interface Receiver {

        /**
         * Called on the thread of the request.
         *
         * @param body is closed afterwards
         * @throws IOException if it is incomplete or not as it should be
         */
        void receive(InputStream body) throws IOException;
    }

    /** An address that was given to an agent. Close it when nothing is awaited there any more. */
    public final class Transfer implements AutoCloseable {

        private final TransferToken token;
        private final HostId hostId;
        private final long until;
        private final Receiver receiver;
        private boolean closed;
        private boolean receiving;

        private Transfer(TransferToken token, HostId hostId, long until, Receiver receiver) {
            this.token = token;
            this.hostId = hostId;
            this.until = until;
            this.receiver = receiver;
        }

        public TransferToken token() {
            return token;
        }

        /** Ends the address. What is being received there goes on. */
        @Override
        public void close() {
            end(this);
        }
    }

    /** @param nanoTime monotonic clock, in nanoseconds */
    public Transfers(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Makes an address.
     *
     * @param validFor how long the agent has until it begins to send
     * @throws Problem 503 {@code busy} if there are too many
     */
    public synchronized Transfer open(HostId hostId, Duration validFor, Receiver receiver) {
        expire();
        if (count >= MAX || counts.getOrDefault(hostId, 0) >= MAX_PER_HOST) {
            throw Problem.unavailable("busy", "too much is being read from this machine or others; try again");
        }
        var bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        var token = new TransferToken(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
        var transfer = new Transfer(token, hostId, nanoTime.getAsLong() + validFor.toNanos(), receiver);
        awaited.put(token, transfer);
        counts.merge(hostId, 1, Integer::sum);
        count++;
        return transfer;
    }

    private void expire() {
        long now = nanoTime.getAsLong();
        awaited.values().stream()
                .filter(transfer -> now - transfer.until > 0)
                .toList()
                .forEach(this::end);
    }

    /**
     * Takes an address, which then works no more.
     *
     * @throws Problem 404 if there is no such address, or it was used, or is too old
     */
    Transfer take(String token) {
        synchronized (this) {
            expire();
            var known = token.matches("[A-Za-z0-9_-]{43}") ? awaited.remove(new TransferToken(token)) : null;
            if (known == null) {
                throw Problem.notFound("such address; it may have been used, or be too old");
            }
            known.receiving = true;
            return known;
        }
    }

    /**
     * Receives the body for an address that was taken.
     *
     * @throws Problem 409 {@code transfer_refused} with the reason
     */
    void receive(Transfer transfer, InputStream body) {
        try (body) {
            transfer.receiver.receive(body);
        } catch (IOException e) {
            throw Problem.conflict("transfer_refused", String.valueOf(e.getMessage()));
        } finally {
            synchronized (this) {
                transfer.receiving = false;
                end(transfer);
            }
        }
    }

    private synchronized void end(Transfer transfer) {
        awaited.remove(transfer.token);
        if (!transfer.closed && !transfer.receiving) {
            transfer.closed = true;
            counts.computeIfPresent(transfer.hostId, (same, own) -> own == 1 ? null : own - 1);
            count--;
        }
    }
}
