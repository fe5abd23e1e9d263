package io.resticfleet.server.web;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.SelectorManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes connections of an address that has its share already, so that none can occupy all. Trusted proxies, which connect for
 * many clients, have no such limit. Safe for use by many threads.
 */
public final class ConnectionShares implements SelectorManager.AcceptListener {

    private static final Logger log = LoggerFactory.getLogger(ConnectionShares.class);

    /** Of addresses: so many are named in the log, each once. */
    private static final int MAX_LOGGED = 100;

    private final Site site;
    private final int limitEach;
    private final SharedBudget<String> budget;
    private final Map<SelectableChannel, String> open = new ConcurrentHashMap<>();
    private final Set<String> logged = ConcurrentHashMap.newKeySet();

    /** @param limitEach connections of one address at the same time */
    public ConnectionShares(Site site, int limitEach) {
        this.site = site;
        this.limitEach = limitEach;
        this.budget = new SharedBudget<>(Long.MAX_VALUE, limitEach);
    }

    @Override
    public void onAccepting(SelectableChannel channel) {
        var peer = peer(channel);
        if (peer.isEmpty()) {
            return;
        }
        if (budget.take(peer.get(), 1)) {
            open.put(channel, peer.get());
        } else {
            close(channel);
            if (logged.size() < MAX_LOGGED && logged.add(peer.get())) {
                log.warn(
                        "further connections are closed, as {} are open address={} (if it is a proxy, name it in {})",
                        limitEach,
                        peer.get(),
                        "RESTIC_FLEET_TRUSTED_PROXIES");
            }
        }
    }

    @Override
    public void onAcceptFailed(SelectableChannel channel, Throwable cause) {
        onClosed(channel);
    }

    @Override
    public void onClosed(SelectableChannel channel) {
        var peer = open.remove(channel);
        if (peer != null) {
            budget.free(peer, 1);
        }
    }

    /** Empty for a trusted proxy. */
    private Optional<String> peer(SelectableChannel channel) {
        try {
            return channel instanceof SocketChannel socket
                            && socket.getRemoteAddress() instanceof InetSocketAddress remote
                            && !site.trusted(remote.getAddress())
                    ? Optional.of(new ClientAddress(remote.getAddress().getHostAddress()).site())
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // closed by the client
        }
    }

    private static void close(SelectableChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            log.debug("cannot close a connection", e);
        }
    }
}
