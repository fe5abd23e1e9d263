package io.resticfleet.server.page.host;

/** What a day was for a host's backups; the one that counts most comes first. */
enum DayState {
    RUNNING("running", "run"),
    FAILED("failed", "bad"),
    MISSED("missed", "miss"),
    PARTIAL("backed up in part", "warn"),
    BACKED_UP("backed up", "ok"),
    /** Nothing was due, and nobody asked. */
    NOTHING("nothing due", "none"),
    /** The host had not joined yet. */
    BEFORE("not yet here", "before");

    private final String words;
    private final String tone;

    DayState(String words, String tone) {
        this.words = words;
        this.tone = tone;
    }

    String words() {
        return words;
    }

    /** The style of its square. */
    String tone() {
        return tone;
    }
}
