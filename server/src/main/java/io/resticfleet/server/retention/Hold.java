package io.resticfleet.server.retention;

import java.time.Instant;

/**
 * Why nothing of a schedule is removed for now, although its policy would.
 *
 * @param since when the cause occurred, by the server's clock
 */
public record Hold(Cause cause, Instant since) {

    public enum Cause {
        NO_LISTING("the repository was not listed completely since the last change"),
        NO_COMPLETE_BACKUP("none of its snapshots is known to be of a complete backup"),
        NOT_TRUSTED("its host is not trusted"),
        RESTORED("the server was restored from a copy; confirm policies and schedules"),
        LONG_GAP("its host was away for more than 7 days"),
        CLOCK_JUMP("the server's clock jumped"),
        LISTING_SHRANK("snapshots disappeared that retention did not remove"),
        SHRINK_GUARD("a backup saved much less than the ones before"),
        HARSHER_POLICY("the policy was changed less than 24 hours ago and would remove more than half"),
        MANY("more than a quarter would be removed at once");

        private final String text;

        Cause(String text) {
            this.text = text;
        }

        /** In words for the operator. */
        public String text() {
            return text;
        }
    }
}
