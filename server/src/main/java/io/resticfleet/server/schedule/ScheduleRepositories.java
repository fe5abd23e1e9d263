package io.resticfleet.server.schedule;

import io.resticfleet.protocol.DrillOptions;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.web.Problem;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Whether a host can run a schedule with the repositories and the other schedule that it names. */
final class ScheduleRepositories {

    private ScheduleRepositories() {}

    /** @throws Problem 400 {@code unknown_repository} or {@code unknown_schedule}, or 409 {@code not_maintainer} */
    static void check(Handle tx, HostId hostId, Schedule schedule) {
        refuseOtherRepository(tx, hostId, schedule);
        refuseOtherMaintainer(tx, hostId, schedule);
        refuseOtherBackup(tx, hostId, schedule);
    }

    /** A drill restores what a backup of the same host has saved. */
    private static void refuseOtherBackup(Handle tx, HostId hostId, Schedule schedule) {
        schedule.options()
                .drill()
                .flatMap(DrillOptions::ofSchedule)
                .filter(id -> tx.attach(ScheduleDao.class)
                        .find(hostId, id)
                        .filter(other -> other.kind() == JobKind.BACKUP)
                        .isEmpty())
                .ifPresent(id -> {
                    throw Problem.invalid(List.of(new Violation(
                            "options.drill.of_schedule",
                            "unknown_schedule",
                            "this host has no backup schedule " + id)));
                });
    }

    /** A repository with a maintainer refuses to others what removes from it. */
    private static void refuseOtherMaintainer(Handle tx, HostId hostId, Schedule schedule) {
        if (!schedule.enabled() || !schedule.kind().removes()) {
            return;
        }
        var dao = tx.attach(ScheduleDao.class);
        schedule.repositoryId()
                .or(() -> dao.firstRepository(hostId))
                .flatMap(id -> dao.otherMaintainer(hostId, id))
                .ifPresent(maintainer -> {
                    throw Problem.conflict(
                            "not_maintainer",
                            "only " + maintainer + ", the maintainer of this repository, may "
                                    + schedule.kind().word()
                                    + " there; add the schedule to it. What backup schedules keep, it applies by itself");
                });
    }

    private static void refuseOtherRepository(Handle tx, HostId hostId, Schedule schedule) {
        refuseUnused(tx, hostId, "repository_id", schedule.repositoryId());
        refuseUnused(tx, hostId, "options.to", schedule.options().to());
    }

    private static void refuseUnused(Handle tx, HostId hostId, String field, Optional<RepositoryId> named) {
        named.filter(id -> !tx.attach(ScheduleDao.class).uses(hostId, id)).ifPresent(id -> {
            throw Problem.invalid(List.of(new Violation(
                    field,
                    "unknown_repository",
                    "this host does not use repository " + id + "; add it to the host first")));
        });
    }
}
