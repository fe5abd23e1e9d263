package io.resticfleet.server.retention;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.job.BackupRun;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.job.UnusualBackups;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.snapshot.Snapshots;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * Judges the backups of each schedule with {@link ShrinkGuard}, and records at them what it found. Safe for use by many
 * threads.
 */
public final class ShrinkGuards implements UnusualBackups {

    /** Backups that are looked at; each with its snapshot, of some hundred bytes. */
    private static final int RUNS = 200;

    private final Database db;
    private final Jobs jobs;
    private final Snapshots snapshots;
    private final Schedules schedules;
    private final ShrinkGuard guard;

    public ShrinkGuards(Database db, Jobs jobs, Snapshots snapshots, Schedules schedules, ShrinkGuard guard) {
        this.db = db;
        this.jobs = jobs;
        this.snapshots = snapshots;
        this.schedules = schedules;
        this.guard = guard;
    }

    /** Records what the backups of a host's schedules are, after its snapshots were listed. */
    public void listed(HostId hostId) {
        schedules.list(hostId).schedules().stream()
                .filter(schedule -> schedule.kind() == JobKind.BACKUP)
                .forEach(schedule -> record(hostId, schedule));
    }

    @Override
    public void changed(HostId hostId, ScheduleId scheduleId) {
        db.read(handle -> schedules.find(handle, hostId, scheduleId)).ifPresent(schedule -> record(hostId, schedule));
    }

    @Override
    public boolean contains(HostId hostId, ScheduleId scheduleId, JobId jobId) {
        return db.read(handle -> schedules
                .find(handle, hostId, scheduleId)
                .filter(schedule -> judge(handle, hostId, schedule).unusual().contains(jobId))
                .isPresent());
    }

    /** The backup for which retention of a schedule is held; absent if it goes on. */
    public Optional<ShrinkGuard.Held> held(Handle handle, HostId hostId, ScheduleId scheduleId) {
        return schedules
                .find(handle, hostId, scheduleId)
                .flatMap(schedule -> judge(handle, hostId, schedule).held());
    }

    private void record(HostId hostId, Schedule schedule) {
        var changed = db.read(handle -> judge(handle, hostId, schedule)).remarks().entrySet().stream()
                .filter(entry -> !entry.getKey().hasRemark(entry.getValue()))
                .toList();
        if (!changed.isEmpty()) {
            db.change(tx -> changed.forEach(entry -> jobs.remark(tx, entry.getKey(), entry.getValue())));
        }
    }

    private ShrinkGuard.Judgement judge(Handle handle, HostId hostId, Schedule schedule) {
        var backups = jobs.backups(handle, hostId, schedule.id(), RUNS);
        var listed = new HashMap<String, Snapshot>();
        backups.stream()
                .filter(backup -> backup.repositoryId().isPresent())
                .collect(Collectors.groupingBy(
                        backup -> backup.repositoryId().get(),
                        Collectors.mapping(BackupRun::snapshotId, Collectors.toList())))
                .forEach((repository, ids) -> listed.putAll(snapshots.find(handle, hostId, repository, ids)));
        var runs = new ArrayList<ShrinkGuard.Run>();
        for (int i = backups.size() - 1; i >= 0; i--) {
            var snapshot = Optional.ofNullable(listed.get(backups.get(i).snapshotId()));
            runs.add(new ShrinkGuard.Run(backups.get(i), snapshot));
        }
        return guard.judge(runs, schedules.acceptedRun(handle, schedule.id()), schedule);
    }
}
