package io.resticfleet.server.page.host;

/** A host's backups on one day; the state that counts most comes first. */
enum DayState {
    RUNNING("running", "run"),
    FAILED("failed", "bad"),
    MISSED("missed", "miss"),
    PARTIAL("backed up in part", "warn"),
    BACKED_UP("backed up", "ok"),
    /** Nothing was due or started by hand. */
    NOTHING("nothing due", "none"),
    /** The host was not enrolled yet. */
    BEFORE("not enrolled yet", "before");

    private final String words;
    private final String tone;

    DayState(String words, String tone) {
        this.words = words;
        this.tone = tone;
    }

    String words() {
        return words;
    }

    /** CSS class of its square. */
    String tone() {
        return tone;
    }
}
