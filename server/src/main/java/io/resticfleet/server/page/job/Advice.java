package io.resticfleet.server.page.job;

/**
 * What to do about a job that did not go well.
 *
 * @param words empty if there is nothing to advise
 * @param link page where it is done; empty for none
 * @param once one-shot that may mend it, a word of the API; empty for none
 * @param onceWords for its button
 */
record Advice(String words, String link, String linkWords, String once, String onceWords) {

    private static final Advice NONE = new Advice("", "", "", "", "");

    /**
     * @param code see {@link io.resticfleet.protocol.ToServer.JobFinished}; codes not known here get no advice
     * @param host path of the host's pages
     * @param schedule path of the schedule's page; empty if there is none
     */
    static Advice of(String code, String host, String schedule) {
        var repository = host + "/repository";
        return switch (code) {
            case "locked" ->
                once(
                        "Somebody else uses the repository, or a restic that crashed left its lock. If nothing runs there,"
                                + " remove what is stale; live locks stay.",
                        "unlock",
                        "Remove stale locks");
            case "wrong_password", "password_missing", "auth", "no_repository" ->
                link("Correct what opens the repository, then run it again.", repository, "Repository");
            case "repo_not_found" ->
                once(
                        "There is no repository at that place. If it is meant to be new, create it; if not, correct where"
                                + " it is.",
                        "init",
                        "Create it");
            case "not_empty" ->
                link("Name an empty directory, or one that is not there yet.", repository, "Repository");
            case "repository_gone" ->
                say("See that its disk is mounted and its server shares the right folder. It is not created anew, for"
                        + " that would hide that the old one is gone.");
            case "network" ->
                say("See that the backup server is up and that the machine reaches it. The next due time tries again.");
            case "no_space" -> say("Make room there. Fewer snapshots and a prune free space in the repository.");
            case "forbidden" ->
                say("An append-only server lets nobody delete. Run forget and prune from a machine that may.");
            case "damaged" -> once("Let restic verify the repository before anything else.", "check", "Check it");
            case "permission_denied" ->
                say("The agent may not read or write something it needs. By default it runs as root.");
            case "files_unreadable" ->
                schedule.isEmpty()
                        ? say("The log names the files.")
                        : link(
                                "The log names the files. Leave them out, or let the agent read them.",
                                schedule,
                                "Schedule");
            case "path_missing" ->
                schedule.isEmpty() ? NONE : link("Correct the paths, or mount what is missing.", schedule, "Schedule");
            case "hooks_refused" ->
                say("On the machine, its owner says in /etc/restic-fleet/policy.json which hooks may run.");
            case "policy_repository" ->
                link(
                        "Use a repository of a kind that the machine allows, or let its owner allow this kind in"
                                + " /etc/restic-fleet/policy.json.",
                        repository,
                        "Repository");
            case "policy_run_too_long" ->
                say("Let the schedule back up less at a time, or let the machine's owner raise longest_run in"
                        + " /etc/restic-fleet/policy.json.");
            case "hook_failed" ->
                schedule.isEmpty() ? NONE : link("The log has what the hook said.", schedule, "Schedule");
            case "restic_missing" -> say("Install restic on the machine, such as by: apt install restic");
            case "killed", "crashed" -> say("Often the machine was out of memory. Its own log tells.");
            case "repository_changed" -> say("Run it again: it then goes to the repository that the machine has now.");
            case "interrupted" -> say("The next due time, or Run now, does it again.");
            case "result_lost" -> say("Check the machine's disk, and whether the snapshot is there.");
            case "locale" -> say("Start the agent with LANG=C.UTF-8.");
            case "retention_refused" -> schedule.isEmpty() ? NONE : link("Keep more.", schedule, "Schedule");
            default -> NONE;
        };
    }

    private static Advice say(String words) {
        return new Advice(words, "", "", "", "");
    }

    private static Advice link(String words, String link, String linkWords) {
        return new Advice(words, link, linkWords, "", "");
    }

    private static Advice once(String words, String once, String onceWords) {
        return new Advice(words, "", "", once, onceWords);
    }
}
