package io.resticfleet.server.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.retention.Binding.Trust;
import io.resticfleet.server.retention.HonestHost.Kind;
import io.resticfleet.server.retention.KeepTiers.Dated;
import io.resticfleet.server.retention.SimulatedLedger.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ninety days of machines that do nothing wrong, through a change to summer time. */
@Tag("slow")
class HonestHistoryTest {

    private static final int HISTORIES = Integer.getInteger("retention.histories", 6);
    private static final Instant START = Instant.parse("2026-01-20T00:00:00Z");
    private static final Duration STEP = Duration.ofMinutes(10);

    @ParameterizedTest
    @EnumSource
    void nothing_is_removed_that_restic_would_keep_and_the_rest_expires(Kind kind) {
        for (int seed = 0; seed < HISTORIES; seed++) {
            history(kind, seed);
        }
    }

    private void history(Kind kind, long seed) {
        var random = new Random(seed);
        var ledger = new SimulatedLedger(SlotRetention.standard(), RemovalFloor.DEFAULT);
        ledger.at(START);
        var host = new HonestHost(ledger, kind, HonestHost.randomTerms(START, random), random);
        var nextListing = START;
        for (var now = START; now.isBefore(START.plus(Duration.ofDays(90))); now = now.plus(STEP)) {
            ledger.at(now);
            boolean canList = kind != Kind.USB_DISK || ledger.isConnected(host.id);
            if (canList && !now.isBefore(nextListing)) {
                ledger.list();
                nextListing = now.plus(listingInterval(ledger, host));
                forget(ledger, host, "seed " + seed);
            }
            host.step();
        }
        var old = ledger.snapshots().stream()
                .map(Written::id)
                .filter(id -> ledger.sighting(id)
                        .filter(seen -> seen.firstSeen().isBefore(ledger.now().minus(RemovalFloor.DEFAULT.age())))
                        .isPresent())
                .toList();
        var trusts = old.stream()
                .flatMap(id -> ledger.binding(host.schedule, id).stream())
                .map(Binding::trust)
                .toList();
        assertThat(old.size() - trusts.size())
                .as("%s %d: few do not count", kind, seed)
                .isLessThan(5);
        if (kind != Kind.USB_DISK) {
            int restic = restic(ledger, host).size();
            assertThat(trusts.stream().filter(Trust::displaces))
                    .as("%s %d: restic keeps %d", kind, seed, restic)
                    .hasSizeLessThan(restic + 10);
        }
    }

    private static void forget(SimulatedLedger ledger, HonestHost host, String description) {
        var remove = ledger.removable(host.schedule);
        if (!remove.isEmpty()) {
            assertThat(remove).as(description).doesNotContainAnyElementsOf(restic(ledger, host));
            ledger.remove(remove);
        }
    }

    /** Daily, or as often as something is due, at most hourly. */
    private static Duration listingInterval(SimulatedLedger ledger, HonestHost host) {
        var dueTimes = ledger.dueTimes(host.schedule);
        long aDay = dueTimes.count(ledger.now().minus(Duration.ofDays(1)), ledger.now());
        return Duration.ofHours(24 / Math.min(24, Math.max(1, aDay)));
    }

    private static Set<String> restic(SimulatedLedger ledger, HonestHost host) {
        var terms = ledger.dueTimes(host.schedule).current();
        var snapshots = ledger.snapshots().stream()
                .filter(written -> ledger.sighting(written.id()).isPresent())
                .map(written -> new Dated(written.id(), written.time()))
                .toList();
        return new KeepTiers(terms.policy(), terms.zone())
                .keep(snapshots, ledger.now())
                .keySet();
    }
}
