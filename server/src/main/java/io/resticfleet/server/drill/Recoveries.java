package io.resticfleet.server.drill;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.db.Database;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** What would be left of hosts if they died now, and how long it would take to have it back. */
public final class Recoveries {

    /** Number of hosts in one statement. */
    private static final int BATCH_SIZE = 500;

    private final Database db;

    public Recoveries(Database db) {
        this.db = db;
    }

    public HostRecovery of(HostId hostId) {
        return of(List.of(hostId)).get(hostId);
    }

    /** By host id. */
    public Map<HostId, HostRecovery> of(List<HostId> hostIds) {
        var found = new HashMap<HostId, HostRecovery>();
        for (int from = 0; from < hostIds.size(); from += BATCH_SIZE) {
            var some = hostIds.subList(from, Math.min(from + BATCH_SIZE, hostIds.size()));
            found.putAll(db.read(handle -> handle.inTransaction(tx -> of(tx, some))));
        }
        return found;
    }

    private Map<HostId, HostRecovery> of(Handle tx, Collection<HostId> ids) {
        var dao = tx.attach(DrillDao.class);
        var backupsOf = dao.saved(ids).stream().collect(Collectors.groupingBy(DrillDao.Saved::hostId));
        var measuresOf = dao.measures(ids).stream()
                .collect(Collectors.groupingBy(
                        DrillDao.MeasureRow::hostId,
                        Collectors.mapping(
                                row -> new RestoreMeasure(row.files(), row.bytes(), row.seconds()),
                                Collectors.toList())));
        var rows = dao.proven(ids);
        var schedulesOf = rows.stream()
                .filter(row -> !row.ofSchedule().equals(DrillDao.ANY))
                .sorted(Comparator.comparing(DrillDao.ProvenRow::ofSchedule))
                .collect(Collectors.groupingBy(
                        DrillDao.ProvenRow::hostId,
                        Collectors.mapping(DrillDao.ProvenRow::schedule, Collectors.toList())));
        var provenOf = rows.stream()
                .filter(row -> row.ofSchedule().equals(DrillDao.ANY))
                .collect(Collectors.toMap(DrillDao.ProvenRow::hostId, DrillDao.ProvenRow::restore));
        return ids.stream()
                .distinct()
                .collect(Collectors.toMap(
                        Function.identity(),
                        id -> recovery(
                                id,
                                backupsOf.getOrDefault(id, List.of()),
                                RestoreCost.of(measuresOf.getOrDefault(id, List.of())),
                                Optional.ofNullable(provenOf.get(id)),
                                schedulesOf.getOrDefault(id, List.of()))));
    }

    private static HostRecovery recovery(
            HostId id,
            List<DrillDao.Saved> backups,
            Optional<RestoreCost> cost,
            Optional<ProvenRestore> proven,
            List<ProvenSchedule> schedules) {
        var unsaved = backups.stream()
                .filter(backup -> backup.startedAt().isEmpty())
                .map(DrillDao.Saved::name)
                .sorted()
                .toList();
        var oldest =
                backups.stream().flatMap(backup -> backup.startedAt().stream()).min(Instant::compareTo);
        long files =
                backups.stream().mapToLong(backup -> backup.files().orElse(0L)).sum();
        long bytes =
                backups.stream().mapToLong(backup -> backup.bytes().orElse(0L)).sum();
        var proofs = Proofs.of(backups, proven, schedules);
        return new HostRecovery(
                id,
                backups.size(),
                unsaved,
                oldest,
                cost.filter(known -> oldest.isPresent()).map(known -> known.estimate(files, bytes)),
                proven,
                proofs.unproven(),
                proofs.since(),
                schedules);
    }
}
