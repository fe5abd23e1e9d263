package io.resticfleet.server.page.text;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.PathReport;
import io.resticfleet.protocol.PathReport.Count;
import io.resticfleet.protocol.Reply;

/** What a path is on a machine, and what a backup makes of it, in words. */
public final class PathWords {

    private PathWords() {}

    /** Such as {@code directory, 12 files, 3 directories, 4.2 MiB}. */
    public static String of(Reply reply, BackupOptions options) {
        if (reply instanceof PathReport report) {
            return what(report)
                    + report.problem().map(problem -> ": " + problem).orElse("")
                    + consequence(report, options)
                    + report.unmounted()
                            .map(at -> ". Nothing is mounted at " + at + ", although the machine's fstab has it")
                            .orElse("");
        }
        return "not checked, " + ((Reply.Failure) reply).detail();
    }

    /** Whether a backup of the path would lack what its name promises. */
    public static boolean warns(Reply reply, BackupOptions options) {
        return reply instanceof PathReport report
                && (!report.readable()
                        || report.kind() == PathReport.Kind.MISSING
                        || report.unmounted().isPresent()
                        || !consequence(report, options).isEmpty());
    }

    private static String consequence(PathReport report, BackupOptions options) {
        if (report.kind() == PathReport.Kind.SYMLINK && !options.allowSymlink()) {
            return ", so the backup will be partial. Enter the target instead, or allow symbolic links below";
        }
        if (report.kind() == PathReport.Kind.OTHER) {
            return "; its content is not saved, so the backup will be partial";
        }
        return hasNoFiles(report) && !options.allowEmpty()
                ? "; the backup will be partial while it has no files. Is it mounted? You can also allow an empty source below"
                : "";
    }

    private static boolean hasNoFiles(PathReport report) {
        return report.count().filter(Count::noFiles).isPresent();
    }

    private static String what(PathReport report) {
        return switch (report.kind()) {
            case FILE ->
                "file" + report.size().map(size -> ", " + Figures.bytes(size)).orElse("");
            case DIRECTORY -> "directory" + count(report);
            case MOUNT_POINT -> "directory, mounted from another file system" + count(report);
            case SYMLINK ->
                "symbolic link to " + report.linkTarget().orElse("?")
                        + "; restic saves the link, not what it points to";
            case MISSING -> "does not exist";
            case OTHER -> "device, pipe or socket";
            case UNKNOWN -> "unknown";
        };
    }

    private static String count(PathReport report) {
        return report.count().map(count -> ", " + text(count)).orElse("");
    }

    private static String text(Count count) {
        if (count.nothing()) {
            return "empty";
        }
        var number = Figures.count(count.files(), "file", "files") + ", "
                + Figures.count(count.directories(), "directory", "directories") + ", "
                + Figures.bytes(count.bytes())
                + (count.unreadable() == 0 ? "" : ", " + Figures.count(count.unreadable()) + " unreadable");
        return count.cut()
                .map(cut -> "at least " + number + "; counting stopped "
                        + switch (cut) {
                            case TIME -> "after 2 seconds";
                            case ENTRIES -> "at 100,000 entries";
                            case DEPTH -> "at 200 levels";
                        })
                .orElse(number);
    }
}
