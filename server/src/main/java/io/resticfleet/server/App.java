package io.resticfleet.server;

import java.time.InstantSource;

/** PLACEHOLDER, to be replaced: {@link Main} is written against this shape. */
final class App implements AutoCloseable {

    private App() {}

    static App start(ServerConfig config, InstantSource clock) {
        throw new UnsupportedOperationException("the server is not wired yet");
    }

    String url() {
        throw new UnsupportedOperationException("the server is not wired yet");
    }

    @Override
    public void close() {}
}
