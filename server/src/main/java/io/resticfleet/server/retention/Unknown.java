package io.resticfleet.server.retention;

/** A snapshot that never counts, displaces no other and is never removed by retention. */
public record Unknown(Reason reason) implements Counting {

    public enum Reason {
        NO_RESULT("no host reported it as the result of a run"),
        OTHER_HOST("reported by a host that the schedule does not belong to"),
        OTHER_TAGS("its tags do not name this schedule alone"),
        SEEN_BEFORE("it was in the repository before its run started"),
        TIME("its own time does not match its run; is the clock of the machine right?"),
        NO_GAP("its own time is in no gap in which its host was away"),
        NO_SLOT("nothing was due at its own time"),
        TAKEN("its due time has a snapshot already"),
        LATE("reported later than an hour after its host had reported everything"),
        BEFORE_ADOPTION("its own time is after the adoption of the repository"),
        NOT_TRUSTED("its host is not trusted since then");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    static Unknown because(Reason reason) {
        return new Unknown(reason);
    }
}
