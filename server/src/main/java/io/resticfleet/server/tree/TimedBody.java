package io.resticfleet.server.tree;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongSupplier;

/** A body that must end in time. */
final class TimedBody extends FilterInputStream {

    private final LongSupplier nanoTime;
    private final long until;

    /** @param until on the monotonic clock */
    TimedBody(InputStream body, LongSupplier nanoTime, long until) {
        super(body);
        this.nanoTime = nanoTime;
        this.until = until;
    }

    @Override
    public int read() throws IOException {
        check();
        return super.read();
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        check();
        return super.read(target, from, length);
    }

    private void check() throws IOException {
        if (nanoTime.getAsLong() - until > 0) {
            throw new IOException("it takes too long");
        }
    }
}
