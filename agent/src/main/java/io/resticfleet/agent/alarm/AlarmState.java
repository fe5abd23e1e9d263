package io.resticfleet.agent.alarm;

/** Whether the owner is told of a problem or of its end. */
enum AlarmState {
    ALARM,
    OVER;

    /** In {@code RESTIC_FLEET_ALERT_STATE}. */
    String word() {
        return this == ALARM ? "alarm" : "over";
    }
}
