package io.resticfleet.agent.config;

import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;
import java.util.TimeZone;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The machine's time zone. Java reads it once per process; this class has it read again from time to time, as it can be
 * changed at any time.
 *
 * <p>Safe for use by many threads.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/localtime.html">localtime(5)</a>
 */
public final class SystemZone implements Supplier<ZoneId> {

    static final Duration READ_EVERY = Duration.ofSeconds(30);

    /** Java's own setting, which it also fills in itself when it has read the machine's. */
    private static final String PROPERTY = "user.timezone";

    private final LongSupplier nanos;
    private final Optional<ZoneId> fixed;
    private ZoneId zone;
    private long readAt;

    /**
     * To be created before anything uses the default time zone, so that a zone set on the command line is recognized; it
     * never changes.
     */
    public SystemZone(LongSupplier nanos) {
        this.nanos = nanos;
        this.fixed = Optional.ofNullable(System.getProperty(PROPERTY))
                .filter(set -> !set.isBlank())
                .map(set -> ZoneId.systemDefault());
        this.zone = read();
        this.readAt = nanos.getAsLong();
    }

    @Override
    public synchronized ZoneId get() {
        long now = nanos.getAsLong();
        if (now - readAt >= READ_EVERY.toNanos()) {
            readAt = now;
            zone = read();
        }
        return zone;
    }

    private ZoneId read() {
        if (fixed.isEmpty()) {
            System.clearProperty(PROPERTY);
            TimeZone.setDefault(null);
        }
        return fixed.orElseGet(ZoneId::systemDefault);
    }
}
