package io.resticfleet.server.page.job;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobKind;

/**
 * What to do about a failed or partial job: the advice of its error code, and the page or button that helps.
 *
 * @param words empty if there is no advice
 * @param link page where it is done; empty for none
 * @param once kind of a one-shot that may help, as in the API; empty for none
 * @param onceWords label of its button
 */
record Advice(String words, String link, String linkWords, String once, String onceWords) {

    static final Advice NONE = new Advice("", "", "", "", "");

    /** This with a link to another page. */
    Advice withLink(String page, String pageWords) {
        return new Advice(words, page, pageWords, once, onceWords);
    }

    /**
     * @param host path of the host's pages
     * @param schedule path of the schedule's page; empty if there is none
     */
    static Advice of(JobKind kind, ErrorCode code, String host, String schedule) {
        var words = code.advice();
        return switch (code) {
            case LOCKED ->
                kind == JobKind.UNLOCK
                        ? new Advice(words, "", "", "", "")
                        : new Advice(words, "", "", "unlock", "Remove stale locks");
            case REPO_NOT_FOUND -> new Advice(words, "", "", "init", "Create repository");
            case DAMAGED, BAD_FILE -> new Advice(words, "", "", "check", "Check repository");
            case WRONG_PASSWORD, PASSWORD_MISSING, AUTH, SSH_KEY_REFUSED, NO_REPOSITORY, NOT_EMPTY, POLICY_REPOSITORY ->
                new Advice(words, host + "/repository", "Repository", "", "");
            case FILES_UNREADABLE,
                    PATH_MISSING,
                    PATH_IS_SYMLINK,
                    PATH_IS_SPECIAL,
                    SOURCE_EMPTY,
                    SOURCE_SHRUNK,
                    BACKUP_SHRUNK,
                    DATA_INCOMPRESSIBLE,
                    NOTHING_SAVED,
                    HOOK_FAILED,
                    RETENTION_REFUSED -> new Advice(words, schedule, schedule.isEmpty() ? "" : "Schedule", "", "");
            default -> new Advice(words, "", "", "", "");
        };
    }
}
