package io.resticfleet.server.page.schedule;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.schedule.Schedules;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Which repositories the schedules of a host can use, and which schedules its agent is too old for. */
public final class ScheduleRepositories {

    private final Database db;
    private final Repositories repositories;
    private final Schedules schedules;

    public ScheduleRepositories(Database db, Repositories repositories, Schedules schedules) {
        this.db = db;
        this.repositories = repositories;
        this.schedules = schedules;
    }

    /** The repositories of a host, the default first. */
    List<ScheduleRepository> of(HostId hostId) {
        return db.read(handle -> repositories.all(handle, hostId).stream()
                .map(used -> new ScheduleRepository(
                        used.id(), repositories.get(handle, used.id()).name()))
                .toList());
    }

    /** The schedules of a host that are not sent to its agent, as it is too old for them. */
    Set<ScheduleId> withheld(HostId hostId, List<Schedule> all) {
        return db.read(handle -> all.stream()
                .filter(schedule -> schedules.isWithheld(handle, hostId, schedule))
                .map(Schedule::id)
                .collect(Collectors.toSet()));
    }
}
