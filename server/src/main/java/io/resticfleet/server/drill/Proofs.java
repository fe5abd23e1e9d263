package io.resticfleet.server.drill;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * When restores of a host's enabled backup schedules were last proven.
 *
 * @param unproven names of those of which none ever was
 * @param since the oldest of their last proofs; absent if one of them has none
 */
record Proofs(List<String> unproven, Optional<Instant> since) {

    /** @param last the last drill of the host that succeeded, whatever it restored */
    static Proofs of(List<DrillDao.Saved> backups, Optional<ProvenRestore> last, List<ProvenSchedule> schedules) {
        var provenAt = schedules.stream().collect(Collectors.toMap(ProvenSchedule::scheduleId, ProvenSchedule::at));
        ofOnlyOne(backups, last, schedules)
                .ifPresent(at -> provenAt.merge(backups.get(0).scheduleId(), at, Proofs::later));
        var unproven = backups.stream()
                .filter(backup -> !provenAt.containsKey(backup.scheduleId()))
                .map(DrillDao.Saved::name)
                .sorted()
                .toList();
        var oldest = backups.stream()
                .map(DrillDao.Saved::scheduleId)
                .filter(provenAt::containsKey)
                .map(provenAt::get)
                .min(Instant::compareTo);
        return new Proofs(unproven, oldest.filter(at -> unproven.isEmpty()));
    }

    /** A drill of the host's latest snapshot proves its only backup schedule, unless it was known to be of another. */
    private static Optional<Instant> ofOnlyOne(
            List<DrillDao.Saved> backups, Optional<ProvenRestore> last, List<ProvenSchedule> schedules) {
        return last.map(ProvenRestore::at)
                .filter(at -> backups.size() == 1
                        && schedules.stream()
                                .noneMatch(schedule -> schedule.at().equals(at)));
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
