package io.resticfleet.server.page.job;

/**
 * What to do about a failed or partial job.
 *
 * @param words empty if there is no advice
 * @param link page where it is done; empty for none
 * @param once kind of a one-shot that may help, as in the API; empty for none
 * @param onceWords label of its button
 */
record Advice(String words, String link, String linkWords, String once, String onceWords) {

    private static final Advice NONE = new Advice("", "", "", "", "");

    /**
     * @param code see {@link io.resticfleet.protocol.ToServer.JobFinished}; an unknown code gets no advice
     * @param host path of the host's pages
     * @param schedule path of the schedule's page; empty if there is none
     */
    static Advice of(String code, String host, String schedule) {
        var repository = host + "/repository";
        return switch (code) {
            case "locked" ->
                once(
                        "Another restic is using the repository, or one that crashed left its lock. If nothing is running"
                                + " there, remove stale locks; locks in use stay.",
                        "unlock",
                        "Remove stale locks");
            case "wrong_password", "password_missing", "auth", "no_repository" ->
                link("Correct the repository's password and credentials, then run it again.", repository, "Repository");
            case "repo_not_found" ->
                once(
                        "There is no repository at this location. If it is new, create it; otherwise correct the"
                                + " location.",
                        "init",
                        "Create repository");
            case "not_empty" ->
                link("Choose a directory that is empty or does not exist yet.", repository, "Repository");
            case "repository_gone" ->
                text(
                        "The repository was there before. Check that its disk is mounted and that its server serves the right"
                                + " folder. It is not created again, as that would hide the loss.");
            case "network" ->
                text(
                        "Check that the backup server is running and that the machine can reach it. The run is tried again at"
                                + " the next due time.");
            case "no_space" -> text("Free some space there. In the repository, keep fewer snapshots and run a prune.");
            case "forbidden" ->
                text(
                        "An append-only server does not allow deletions. Run forget and prune on a machine with full access.");
            case "damaged" -> once("First let restic verify the repository.", "check", "Check repository");
            case "permission_denied" ->
                text("The agent lacks permission to read or write something it needs. By default it runs as root.");
            case "files_unreadable" ->
                schedule.isEmpty()
                        ? text("The log names the files.")
                        : link(
                                "The log names the files. Exclude them, or allow the agent to read them.",
                                schedule,
                                "Schedule");
            case "path_missing" ->
                schedule.isEmpty() ? NONE : link("Correct the paths, or mount what is missing.", schedule, "Schedule");
            case "hooks_refused" ->
                text(
                        "The owner of the machine defines in /etc/restic-fleet/policy.json, on the machine, which hooks may"
                                + " run.");
            case "policy_repository" ->
                link(
                        "Use a kind of repository that the machine allows, or have its owner allow this kind in"
                                + " /etc/restic-fleet/policy.json.",
                        repository,
                        "Repository");
            case "policy_run_too_long" ->
                text("Let each schedule back up less, or have the machine's owner raise longest_run in"
                        + " /etc/restic-fleet/policy.json.");
            case "hook_failed" ->
                schedule.isEmpty() ? NONE : link("The log contains the hook's output.", schedule, "Schedule");
            case "restic_missing" -> text("Install restic on the machine, for example with: apt install restic");
            case "killed", "crashed" -> text("Often the machine was out of memory. Look into its system log.");
            case "repository_changed" -> text("Run it again: it then uses the machine's present repository.");
            case "interrupted" -> text("It runs again at the next due time, or with Run now.");
            case "result_lost" -> text("Check the machine's disk, and whether the snapshot exists.");
            case "locale" -> text("Start the agent with LANG=C.UTF-8.");
            case "retention_refused" -> schedule.isEmpty() ? NONE : link("Keep more snapshots.", schedule, "Schedule");
            default -> NONE;
        };
    }

    private static Advice text(String words) {
        return new Advice(words, "", "", "", "");
    }

    private static Advice link(String words, String link, String linkWords) {
        return new Advice(words, link, linkWords, "", "");
    }

    private static Advice once(String words, String once, String onceWords) {
        return new Advice(words, "", "", once, onceWords);
    }
}
