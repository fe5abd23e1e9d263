package io.resticfleet.server.db;

import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether writes reach the disk.
 *
 * <p>After a failed write, all writes are refused until a probe succeeds. On a full disk, the released reserve still
 * takes writes, but no bulk. Safe for use by many threads.
 */
final class StorageHealth {

    private static final Logger log = LoggerFactory.getLogger(StorageHealth.class);

    private final DiskReserve reserve;
    private final InstantSource clock;
    private volatile Optional<StorageTrouble> trouble = Optional.empty();
    private volatile Optional<StorageTrouble> damage = Optional.empty();
    private volatile boolean refusesAll;

    StorageHealth(DiskReserve reserve, InstantSource clock) {
        this.reserve = reserve;
        this.clock = clock;
    }

    /** The present trouble; one that stops changes comes before damage. Empty if there is none. */
    Optional<StorageTrouble> trouble() {
        return trouble.or(() -> damage);
    }

    /** @throws StorageRefused if writes are refused at present */
    void admit() {
        if (refusesAll) {
            trouble.ifPresent(now -> {
                throw new StorageRefused(now);
            });
        }
    }

    /** @throws StorageRefused during any trouble */
    void admitBulk() {
        trouble.ifPresent(now -> {
            throw new StorageRefused(now);
        });
    }

    /** The exception to throw for a failed write; records the trouble if the disk caused it. */
    synchronized RuntimeException failedToWrite(RuntimeException e) {
        var cause = SqliteFault.cause(e).map(this::corrected);
        if (cause.isEmpty()) {
            return e;
        }
        if (cause.get() == StorageTrouble.Cause.DAMAGED) {
            return new StorageRefused(damaged(SqliteFault.message(e)), e);
        }
        refusesAll = !(cause.get() == StorageTrouble.Cause.FULL && reserve.release());
        return new StorageRefused(begin(cause.get(), SqliteFault.message(e)), e);
    }

    /** The exception to throw for a failed read. */
    RuntimeException failedToRead(RuntimeException e) {
        return SqliteFault.cause(e)
                .<RuntimeException>map(cause -> new StorageRefused(
                        cause == StorageTrouble.Cause.DAMAGED
                                ? damaged(SqliteFault.message(e))
                                : new StorageTrouble(cause, clock.instant()),
                        e))
                .orElse(e);
    }

    /** Creates the reserve if it is missing. A disk without room for it counts as full. */
    synchronized void keepReserve() {
        if (!reserve.create()) {
            begin(StorageTrouble.Cause.FULL, "not enough free space for the reserve");
        }
    }

    /** A probe has succeeded. Returns whether writes are accepted now that were refused before. */
    synchronized boolean worked() {
        boolean refusedBefore = refusesAll;
        refusesAll = false;
        if (!reserve.create()) {
            begin(StorageTrouble.Cause.FULL, "not enough free space for the reserve");
            return refusedBefore;
        }
        trouble.ifPresent(over -> log.info("storage works again trouble={} since={}", over.code(), over.since()));
        trouble = Optional.empty();
        return true;
    }

    /** Damage was found. */
    synchronized StorageTrouble damaged(String detail) {
        if (damage.isEmpty()) {
            damage = Optional.of(new StorageTrouble(StorageTrouble.Cause.DAMAGED, clock.instant()));
            log.error("{}; {}: {}", damage.get().words(), damage.get().advice(), detail);
        }
        return damage.get();
    }

    synchronized void undamaged() {
        damage.ifPresent(over -> log.info("the database is intact again damaged_since={}", over.since()));
        damage = Optional.empty();
    }

    private StorageTrouble begin(StorageTrouble.Cause cause, String detail) {
        if (trouble.filter(known -> known.cause() == cause).isEmpty()) {
            trouble = Optional.of(new StorageTrouble(cause, clock.instant()));
            log.error("{}; {}: {}", trouble.get().words(), trouble.get().advice(), detail);
        }
        return trouble.get();
    }

    /** Recognises a full disk behind an I/O error, which is what memory-mapped files report for it. */
    private StorageTrouble.Cause corrected(StorageTrouble.Cause cause) {
        return cause == StorageTrouble.Cause.FAILS && reserve.exhausted() ? StorageTrouble.Cause.FULL : cause;
    }
}
