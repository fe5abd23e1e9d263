package io.resticfleet.server.db;

import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether what is written gets onto the disk.
 *
 * <p>In trouble nothing is tried until a probe has worked, but for a full disk as long as the room that was kept helps:
 * what cannot wait is stored then, and bulk is not. Safe for use by many threads.
 */
final class StorageHealth {

    private static final Logger log = LoggerFactory.getLogger(StorageHealth.class);

    private final DiskReserve reserve;
    private final InstantSource clock;
    private volatile Optional<StorageTrouble> trouble = Optional.empty();
    private volatile Optional<StorageTrouble> damage = Optional.empty();
    private volatile boolean hopeless;

    StorageHealth(DiskReserve reserve, InstantSource clock) {
        this.reserve = reserve;
        this.clock = clock;
    }

    /** The one that stops changes first; empty if all is well. */
    Optional<StorageTrouble> trouble() {
        return trouble.or(() -> damage);
    }

    /** @throws StorageRefused if there is no use in trying to write */
    void admit() {
        if (hopeless) {
            trouble.ifPresent(now -> {
                throw new StorageRefused(now);
            });
        }
    }

    /** @throws StorageRefused if bulk has to wait */
    void admitBulk() {
        trouble.ifPresent(now -> {
            throw new StorageRefused(now);
        });
    }

    /** What to throw for a write that failed; notes the trouble if it is one of the disk. */
    synchronized RuntimeException failedToWrite(RuntimeException e) {
        var cause = SqliteFault.cause(e).map(this::corrected);
        if (cause.isEmpty()) {
            return e;
        }
        if (cause.get() == StorageTrouble.Cause.DAMAGED) {
            return new StorageRefused(damaged(SqliteFault.words(e)), e);
        }
        hopeless = !(cause.get() == StorageTrouble.Cause.FULL && reserve.giveUp());
        return new StorageRefused(begin(cause.get(), SqliteFault.words(e)), e);
    }

    /** What to throw for a read that failed. */
    RuntimeException failedToRead(RuntimeException e) {
        return SqliteFault.cause(e)
                .<RuntimeException>map(cause -> new StorageRefused(
                        cause == StorageTrouble.Cause.DAMAGED
                                ? damaged(SqliteFault.words(e))
                                : new StorageTrouble(cause, clock.instant()),
                        e))
                .orElse(e);
    }

    /** Takes the room that is kept, if it is not there; a disk without it is full. */
    synchronized void keepRoom() {
        if (!reserve.take()) {
            begin(StorageTrouble.Cause.FULL, "less is free than the server keeps for results");
        }
    }

    /** A probe has worked. Returns whether more can be stored than before. */
    synchronized boolean worked() {
        boolean was = hopeless;
        hopeless = false;
        if (!reserve.take()) {
            begin(StorageTrouble.Cause.FULL, "less is free than the server keeps for results");
            return was;
        }
        trouble.ifPresent(over -> log.info("storing works again after trouble={} since={}", over.code(), over.since()));
        trouble = Optional.empty();
        return true;
    }

    /** The database was found damaged, or whole. */
    synchronized StorageTrouble damaged(String detail) {
        if (damage.isEmpty()) {
            damage = Optional.of(new StorageTrouble(StorageTrouble.Cause.DAMAGED, clock.instant()));
            log.error("{}; {}: {}", damage.get().words(), damage.get().advice(), detail);
        }
        return damage.get();
    }

    synchronized void whole() {
        damage.ifPresent(over -> log.info("the database is found whole again, was damaged since={}", over.since()));
        damage = Optional.empty();
    }

    private StorageTrouble begin(StorageTrouble.Cause cause, String detail) {
        if (trouble.filter(known -> known.cause() == cause).isEmpty()) {
            trouble = Optional.of(new StorageTrouble(cause, clock.instant()));
            log.error("{}; {}: {}", trouble.get().words(), trouble.get().advice(), detail);
        }
        return trouble.get();
    }

    /** What is mapped into memory fails with an I/O error where the disk is full. */
    private StorageTrouble.Cause corrected(StorageTrouble.Cause cause) {
        return cause == StorageTrouble.Cause.FAILS && reserve.exhausted() ? StorageTrouble.Cause.FULL : cause;
    }
}
