package io.resticfleet.server.page.host;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.server.schedule.HostBackup;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.status.Presence;

/**
 * What the button that runs a host's backup now can do.
 *
 * @param can whether it works
 * @param pick whether a schedule has to be picked first
 * @param why it does not, or what it will run
 */
record RunNow(boolean can, boolean pick, String why) {

    static RunNow of(HostStatus status) {
        var backups = status.backups();
        var picked = HostBackup.pick(backups, schedule -> schedule.manual());
        boolean busy = status.open().stream().anyMatch(job -> job.kind() == JobKind.BACKUP);
        if (backups.isEmpty()) {
            return new RunNow(false, true, "No backup schedule is enabled; make one in Schedules");
        }
        if (picked.isEmpty()) {
            return new RunNow(false, true, "Several schedules; pick one in Schedules");
        }
        if (status.presence() != Presence.ONLINE) {
            return new RunNow(false, false, "The machine is not connected");
        }
        return busy
                ? new RunNow(false, false, "A backup is under way")
                : new RunNow(true, false, "Runs the schedule " + picked.get().name());
    }
}
