package io.resticfleet.server.alert;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import java.util.List;
import java.util.Optional;

/**
 * What an alert is about, with names as they were when it was last seen, so that they outlive what they name.
 *
 * @param concerns the hosts that it is about: one, those of a repository, or none if it is about the server
 * @param tags of the schedule, or of all schedules of these hosts
 */
public record Subject(
        Optional<Named<HostId>> host,
        Optional<Named<RepositoryId>> repository,
        Optional<Named<ScheduleId>> schedule,
        List<HostId> concerns,
        List<String> tags) {

    public record Named<I>(I id, String name) {}

    public static final Subject SERVER =
            new Subject(Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of());
}
