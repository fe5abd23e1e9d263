package io.resticfleet.server.page.host;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.server.schedule.HostBackup;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.status.Presence;

/**
 * The button that runs a host's backup now.
 *
 * @param can whether it is enabled
 * @param pick whether the user has to choose a schedule first
 * @param label of the button; names the schedule if the host has several
 * @param why why it is disabled, or what it runs
 */
record RunNow(boolean can, boolean pick, String label, String why) {

    static RunNow of(HostStatus status) {
        var backups = status.backups();
        var picked = HostBackup.pick(backups, schedule -> schedule.manual());
        boolean busy = status.open().stream().anyMatch(job -> job.kind() == JobKind.BACKUP);
        if (backups.isEmpty()) {
            return new RunNow(
                    false, true, "Choose a schedule", "No backup schedule is enabled; create one under Schedules");
        }
        if (picked.isEmpty()) {
            return new RunNow(
                    false, true, "Choose a schedule", "There are several backup schedules; choose one under Schedules");
        }
        var label = backups.size() == 1 ? "Run now" : "Run " + picked.get().name() + " now";
        if (status.presence() != Presence.ONLINE) {
            return new RunNow(false, false, label, "The machine is not connected");
        }
        return busy
                ? new RunNow(false, false, label, "A backup is already running or waiting")
                : new RunNow(
                        true, false, label, "Runs the schedule " + picked.get().name());
    }
}
