package io.resticfleet.faults;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Predicate;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.UpgradeRequest;
import org.eclipse.jetty.websocket.api.UpgradeResponse;
import org.eclipse.jetty.websocket.api.exceptions.WebSocketTimeoutException;

/** The server's end of a connection. */
final class ServerEndpoint implements Session {

    private final Connection connection;

    ServerEndpoint(Connection connection) {
        this.connection = connection;
    }

    @Override
    public void sendText(String text, Callback callback) {
        connection.serverSends(text);
        callback.succeed();
    }

    @Override
    public void sendPing(ByteBuffer payload, Callback callback) {
        connection.serverPings();
        callback.succeed();
    }

    @Override
    public void close(int code, String reason, Callback callback) {
        connection.serverCloses(code, reason);
        callback.succeed();
    }

    @Override
    public void disconnect() {
        connection.serverDisconnects();
    }

    @Override
    public boolean isOpen() {
        return connection.openAtServer();
    }

    @Override
    public boolean isSecure() {
        return true;
    }

    @Override
    public void demand() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void sendBinary(ByteBuffer buffer, Callback callback) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void sendPartialBinary(ByteBuffer buffer, boolean last, Callback callback) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void sendPartialText(String text, boolean last, Callback callback) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void sendPong(ByteBuffer payload, Callback callback) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String getProtocolVersion() {
        return "13";
    }

    @Override
    public UpgradeRequest getUpgradeRequest() {
        throw new UnsupportedOperationException();
    }

    @Override
    public UpgradeResponse getUpgradeResponse() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void addIdleTimeoutListener(Predicate<WebSocketTimeoutException> listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Duration getIdleTimeout() {
        return Duration.ZERO;
    }

    @Override
    public void setIdleTimeout(Duration duration) {
        // no limits here
    }

    @Override
    public int getInputBufferSize() {
        return 0;
    }

    @Override
    public void setInputBufferSize(int size) {
        // no limits here
    }

    @Override
    public int getOutputBufferSize() {
        return 0;
    }

    @Override
    public void setOutputBufferSize(int size) {
        // no limits here
    }

    @Override
    public long getMaxBinaryMessageSize() {
        return 0;
    }

    @Override
    public void setMaxBinaryMessageSize(long size) {
        // no limits here
    }

    @Override
    public long getMaxTextMessageSize() {
        return 0;
    }

    @Override
    public void setMaxTextMessageSize(long size) {
        // no limits here
    }

    @Override
    public long getMaxFrameSize() {
        return 0;
    }

    @Override
    public void setMaxFrameSize(long size) {
        // no limits here
    }

    @Override
    public boolean isAutoFragment() {
        return false;
    }

    @Override
    public void setAutoFragment(boolean fragment) {
        // no limits here
    }

    @Override
    public int getMaxOutgoingFrames() {
        return 0;
    }

    @Override
    public void setMaxOutgoingFrames(int frames) {
        // no limits here
    }
}
