package io.resticfleet.faults;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** A connection as the agent holds it. */
final class AgentEndpoint implements WebSocket {

    private final Connection connection;

    AgentEndpoint(Connection connection) {
        this.connection = connection;
    }

    @Override
    public CompletableFuture<WebSocket> sendText(CharSequence data, boolean last) {
        if (!connection.agentThinksOpen()) {
            return CompletableFuture.failedFuture(new java.io.IOException("Output closed"));
        }
        connection.agentSays(data.toString());
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public CompletableFuture<WebSocket> sendBinary(ByteBuffer data, boolean last) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<WebSocket> sendPing(ByteBuffer message) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<WebSocket> sendPong(ByteBuffer message) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<WebSocket> sendClose(int code, String reason) {
        connection.agentVanishes();
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void request(long n) {
        // everything is delivered as it comes
    }

    @Override
    public String getSubprotocol() {
        return "";
    }

    @Override
    public boolean isOutputClosed() {
        return !connection.agentThinksOpen();
    }

    @Override
    public boolean isInputClosed() {
        return !connection.agentThinksOpen();
    }

    @Override
    public void abort() {
        connection.agentVanishes();
    }
}
