package io.resticfleet.server.page.job;

import io.resticfleet.protocol.ErrorCode;

/**
 * What to do about a job that did not go well: the words of its code, and what on these pages helps.
 *
 * @param words empty if there is nothing to advise
 * @param link page where it is done; empty for none
 * @param once one-shot that may mend it, a word of the API; empty for none
 * @param onceWords for its button
 */
record Advice(String words, String link, String linkWords, String once, String onceWords) {

    static final Advice NONE = new Advice("", "", "", "", "");

    /**
     * @param host path of the host's pages
     * @param schedule path of the schedule's page; empty if there is none
     */
    static Advice of(ErrorCode code, String host, String schedule) {
        var words = code.advice();
        return switch (code) {
            case LOCKED -> new Advice(words, "", "", "unlock", "Remove stale locks");
            case REPO_NOT_FOUND -> new Advice(words, "", "", "init", "Create it");
            case DAMAGED -> new Advice(words, "", "", "check", "Check it");
            case WRONG_PASSWORD, PASSWORD_MISSING, AUTH, NO_REPOSITORY, NOT_EMPTY, POLICY_REPOSITORY ->
                new Advice(words, host + "/repository", "Repository", "", "");
            case FILES_UNREADABLE, PATH_MISSING, HOOK_FAILED, RETENTION_REFUSED ->
                new Advice(words, schedule, schedule.isEmpty() ? "" : "Schedule", "", "");
            default -> new Advice(words, "", "", "", "");
        };
    }
}
