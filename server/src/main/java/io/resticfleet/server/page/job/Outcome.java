package io.resticfleet.server.page.job;

import io.resticfleet.protocol.CheckResult;
import io.resticfleet.protocol.CopyResult;
import io.resticfleet.protocol.DrillResult;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ProbeResult;
import io.resticfleet.protocol.PruneResult;
import io.resticfleet.protocol.RestoreResult;
import io.resticfleet.protocol.StatsResult;
import io.resticfleet.protocol.UnlockResult;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.page.text.Figures;
import java.util.Optional;

/**
 * What an operation at a repository found or did, in words, and what to do next.
 *
 * @param tone one of {@code ok warn off}
 * @param words sentences; empty if there is nothing to say
 * @param next what to do next, in sentences; empty for nothing
 * @param run kind of the operation that is next, as in the API; empty for none
 * @param label of its button
 * @param repository path of the repository's page; empty if it is not known
 */
record Outcome(String tone, String words, String next, String run, String label, String repository) {

    static final Outcome NONE = new Outcome("off", "", "", "", "", "");

    static Outcome of(Job job) {
        var outcome = job.dryRun() ? dryRun(job) : job.status() == JobStatus.SUCCEEDED ? done(job) : NONE;
        return job.repositoryId()
                .map(id -> new Outcome(
                        outcome.tone, outcome.words, outcome.next, outcome.run, outcome.label, "/repositories/" + id))
                .orElseGet(() -> new Outcome(outcome.tone, outcome.words, outcome.next, "", "", ""));
    }

    private static Outcome words(String tone, String words) {
        return new Outcome(tone, words, "", "", "", "");
    }

    private Outcome then(String nextWords, JobKind kind, String button) {
        return new Outcome(tone, words, nextWords, kind.word(), button, repository);
    }

    private static Outcome dryRun(Job job) {
        if (job.kind() == JobKind.RESTORE) {
            return result(job, RestoreResult.class)
                    .map(Outcome::wouldRestore)
                    .orElseGet(() -> words("warn", "This is a dry run: it writes nothing."));
        }
        var result = result(job, PruneResult.class);
        if (result.isEmpty() || job.status() != JobStatus.SUCCEEDED) {
            return words("warn", "This is a dry run: it removes nothing.");
        }
        var prune = result.get();
        var found = "This was a dry run: nothing was removed. ";
        return prune.removedBytes() == 0
                ? words("warn", found + "There is nothing that a prune would free.")
                : words(
                                "warn",
                                found + "A prune would free " + Figures.bytes(prune.removedBytes()) + " and leave "
                                        + Figures.bytes(prune.remainingBytes())
                                        + (prune.repackedBytes() == 0
                                                ? "."
                                                : "; for this it would write " + Figures.bytes(prune.repackedBytes())
                                                        + " again."))
                        .then("While it runs, nothing else can use the repository.", JobKind.PRUNE, "Prune now");
    }

    private static Outcome done(Job job) {
        return switch (job.kind()) {
            case PRUNE -> result(job, PruneResult.class).map(Outcome::pruned).orElse(NONE);
            case CHECK -> result(job, CheckResult.class).map(Outcome::checked).orElse(NONE);
            case COPY -> result(job, CopyResult.class).map(Outcome::copied).orElse(NONE);
            case STATS -> result(job, StatsResult.class).map(Outcome::measured).orElse(NONE);
            case DRILL -> result(job, DrillResult.class).map(Outcome::drilled).orElse(NONE);
            case UNLOCK ->
                result(job, UnlockResult.class).map(Outcome::unlocked).orElse(NONE);
            case PROBE -> result(job, ProbeResult.class).map(Outcome::tested).orElse(NONE);
            case REPAIR_INDEX ->
                words("ok", "The index was made again from the data that is there.")
                        .then(
                                "Next, back up each machine, which saves again what was lost and still exists. Then check."
                                        + " Repair snapshots only if that check fails.",
                                JobKind.CHECK,
                                "Check now");
            case REPAIR_SNAPSHOTS ->
                words("ok", "Snapshots with lost data were replaced by ones without it; the log names the files.")
                        .then("Next, check again.", JobKind.CHECK, "Check now");
            case RESTORE ->
                result(job, RestoreResult.class).map(Outcome::restored).orElse(NONE);
            case BACKUP, FORGET, INIT, SNAPSHOTS, ROTATE_KEY -> NONE;
        };
    }

    private static <R> Optional<R> result(Job job, Class<R> type) {
        return job.stats().filter(type::isInstance).map(type::cast);
    }

    private static Outcome pruned(PruneResult prune) {
        return words(
                "ok",
                prune.removedBytes() == 0
                        ? "There was nothing to free; the repository takes " + Figures.bytes(prune.remainingBytes())
                                + "."
                        : Figures.bytes(prune.removedBytes()) + " freed; the repository now takes "
                                + Figures.bytes(prune.remainingBytes()) + ".");
    }

    private static Outcome checked(CheckResult check) {
        long percent = Math.round(check.dataReadShare().orElse(0.0) * 100);
        var structure = "The structure of the repository is sound: all data that its snapshots need is there. ";
        if (percent == 0) {
            return words(
                    "ok",
                    structure
                            + "Its data was not read, so that data which has changed at its location was not looked for.");
        }
        return words(
                "ok",
                structure
                        + (percent == 100
                                ? "All of its data was read, and is unchanged."
                                : percent
                                        + " % of its data was read, and is unchanged; the next check of this kind reads"
                                        + " another part."));
    }

    private static Outcome copied(CopyResult copy) {
        return words(
                "ok",
                copy.snapshotsCopied() == 0
                        ? "There was nothing new to copy."
                        : Figures.count(copy.snapshotsCopied(), "snapshot", "snapshots") + " copied.");
    }

    private static Outcome wouldRestore(RestoreResult restore) {
        return words(
                "warn",
                "This was a dry run: nothing was written. A restore would write "
                        + Figures.count(restore.files(), "entry", "entries") + " with " + Figures.bytes(restore.bytes())
                        + (restore.removed() == 0
                                ? ""
                                : " and remove " + Figures.count(restore.removed(), "entry", "entries"))
                        + "; the log names them.");
    }

    private static Outcome restored(RestoreResult restore) {
        return words(
                "ok",
                Figures.count(restore.files(), "entry", "entries") + " with " + Figures.bytes(restore.bytes())
                        + " restored and verified"
                        + restore.target()
                                .map(place -> place.equals("/") ? ", where they were" : ", in " + place)
                                .orElse("")
                        + (restore.kept() == 0
                                ? "."
                                : ". "
                                        + Figures.count(
                                                restore.kept(), "file that existed was", "files that existed were")
                                        + " left as before."));
    }

    private static Outcome measured(StatsResult stats) {
        return words(
                "ok",
                Figures.count(stats.snapshotCount(), "snapshot", "snapshots") + " take "
                        + Figures.bytes(stats.sizeBytes())
                        + stats.uncompressedBytes()
                                .map(bytes -> ", uncompressed " + Figures.bytes(bytes))
                                .orElse("")
                        + "."
                        + stats.keys()
                                .map(keys -> " The repository has " + Figures.count(keys.size(), "key", "keys") + ".")
                                .orElse(""));
    }

    private static Outcome drilled(DrillResult drill) {
        return words(
                "ok",
                Figures.count(drill.files(), "file", "files") + " (" + Figures.bytes(drill.bytes())
                        + ") restored from the latest snapshot, verified, and removed again; "
                        + (drill.comparedWithSource() == drill.files()
                                ? "all of them equal the machine's own files."
                                : drill.comparedWithSource() + " of them equal the machine's own files, the others have"
                                        + " changed on the machine since and were compared with the snapshot's data.")
                        + (drill.leftOut() == 0
                                ? ""
                                : " " + Figures.count(drill.leftOut(), "file", "files")
                                        + " of the random choice did not fit, or their names cannot be passed on."));
    }

    private static Outcome unlocked(UnlockResult unlock) {
        return words(
                "ok",
                unlock.removed() == 0
                        ? "There was no lock to remove."
                        : Figures.count(unlock.removed(), "lock", "locks") + " removed.");
    }

    private static Outcome tested(ProbeResult probe) {
        if (probe.writable() == 0) {
            return words("warn", "The repository opens, but the machine may not write there: backups would fail.");
        }
        return words(
                "ok",
                probe.removable() == 0
                        ? "The repository opens, and the machine may write there, but not delete: it is append-only for it."
                        : "The repository opens, and the machine may write and delete there.");
    }
}
