package io.resticfleet.faults;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** The agent's end of a connection. */
final class AgentEndpoint implements WebSocket {

    private final Connection connection;

    AgentEndpoint(Connection connection) {
        this.connection = connection;
    }

    @Override
    public CompletableFuture<WebSocket> sendText(CharSequence data, boolean last) {
        if (!connection.openAtAgent()) {
            return CompletableFuture.failedFuture(new java.io.IOException("Output closed"));
        }
        connection.agentSends(data.toString());
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
        connection.agentDisconnects();
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void request(long n) {
        // everything is delivered on arrival
    }

    @Override
    public String getSubprotocol() {
        return "";
    }

    @Override
    public boolean isOutputClosed() {
        return !connection.openAtAgent();
    }

    @Override
    public boolean isInputClosed() {
        return !connection.openAtAgent();
    }

    @Override
    public void abort() {
        connection.agentDisconnects();
    }
}
