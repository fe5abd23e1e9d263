package io.resticfleet.agent.restic;

import io.resticfleet.protocol.DataPart;
import io.resticfleet.protocol.DumpFormat;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.UnusedLimit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The arguments of one call of restic, without secrets.
 *
 * <p>Values are passed as {@code --option=value} and paths after {@code --}, so that none is mistaken for an option.
 *
 * @param arguments without the program's name
 */
public record ResticCommand(List<String> arguments) {

    /** Tag of the snapshots that a test of a repository writes. */
    public static final String PROBE_TAG = "restic-fleet-probe";

    private static final int MAX_SNAPSHOTS = 1_000;
    private static final String INCLUDE = "--include=";
    private static final int SHOWN_PATTERNS = 3;

    public ResticCommand {
        arguments = List.copyOf(arguments);
    }

    /** Backs up these paths of the schedule. */
    public static ResticCommand backup(Schedule schedule, List<String> paths, String host) {
        var arguments = start("backup");
        arguments.add("--host=" + host);
        arguments.add("--tag=" + schedule.tag());
        schedule.tags().forEach(tag -> arguments.add("--tag=" + tag));
        schedule.excludes().forEach(exclude -> arguments.add("--exclude=" + exclude));
        if (schedule.options().oneFileSystem()) {
            arguments.add("--one-file-system");
        }
        if (schedule.options().excludeCaches()) {
            arguments.add("--exclude-caches");
        }
        if (schedule.options().limitUploadKib() > 0) {
            arguments.add("--limit-upload=" + schedule.options().limitUploadKib());
        }
        arguments.add("--");
        arguments.addAll(paths);
        return new ResticCommand(arguments);
    }

    /**
     * Applies a policy to the host's snapshots.
     *
     * @param tag only snapshots with this tag, as one group whatever their other tags; absent for all, grouped by tags
     */
    public static ResticCommand forget(RetentionPolicy policy, String host, Optional<String> tag) {
        if (policy.isEmpty() || !policy.violations().isEmpty()) {
            throw new IllegalArgumentException("a policy that keeps nothing would delete every snapshot");
        }
        var arguments = start("forget");
        arguments.add("--host=" + host);
        tag.ifPresent(text -> arguments.add("--tag=" + text));
        arguments.add(tag.isPresent() ? "--group-by=host" : "--group-by=host,tags");
        policy.counts().forEach((name, count) -> {
            if (count > 0) {
                arguments.add("--" + name + "=" + count);
            }
        });
        policy.keepWithin().ifPresent(within -> arguments.add("--keep-within=" + within));
        return new ResticCommand(arguments);
    }

    /** Removes these snapshots; at most 1,000 with each command, as the system limits the length of its arguments. */
    public static List<ResticCommand> forget(List<String> snapshotIds) {
        return inParts("forget", snapshotIds);
    }

    private static List<ResticCommand> inParts(String command, List<String> snapshotIds) {
        return IntStream.iterate(0, from -> from < snapshotIds.size(), from -> from + MAX_SNAPSHOTS)
                .mapToObj(from -> snapshotIds.subList(from, Math.min(from + MAX_SNAPSHOTS, snapshotIds.size())))
                .map(ids -> {
                    var arguments = start(command);
                    arguments.add("--");
                    arguments.addAll(ids);
                    return new ResticCommand(arguments);
                })
                .toList();
    }

    /**
     * Removes data that no snapshot needs.
     *
     * @param maxUnused unused data that may stay; absent for restic's default
     */
    public static ResticCommand prune(Optional<UnusedLimit> maxUnused) {
        var arguments = start("prune");
        maxUnused.ifPresent(limit -> arguments.add("--max-unused=" + limit));
        return new ResticCommand(arguments);
    }

    /**
     * Verifies the structure, and some of the data.
     *
     * @param readData absent for no data
     */
    public static ResticCommand check(Optional<DataPart> readData) {
        var arguments = start("check");
        readData.ifPresent(part -> arguments.add(part.of() == 1 ? "--read-data" : "--read-data-subset=" + part));
        return new ResticCommand(arguments);
    }

    /** Measures what is stored, without repetitions. */
    public static ResticCommand stats() {
        return new ResticCommand(List.of("--json", "stats", "--mode=raw-data"));
    }

    /** Rebuilds the index from the data. */
    public static ResticCommand repairIndex(ResticVersion version) {
        return new ResticCommand(
                version.compareTo(ResticVersion.REPAIR) < 0
                        ? List.of("--json", "rebuild-index")
                        : List.of("--json", "repair", "index"));
    }

    /** Replaces snapshots of which data is lost; since {@link ResticVersion#REPAIR}. */
    public static ResticCommand repairSnapshots() {
        return new ResticCommand(List.of("--json", "repair", "snapshots", "--forget"));
    }

    /**
     * Copies snapshots from one repository to another, which must both be in the environment; at most 1,000 with each
     * command.
     */
    public static List<ResticCommand> copy(List<String> snapshotIds) {
        return inParts("copy", snapshotIds);
    }

    /**
     * Lists what is at and below these paths of a snapshot, one object a line: a directory, then its content. More may be
     * listed: all of the snapshot if the paths are too long, or one is the root.
     */
    public static ResticCommand list(String snapshotId, List<SnapshotPath> paths) {
        var arguments = start("ls");
        arguments.add("--recursive");
        arguments.add("--");
        arguments.add(snapshotId);
        var directories = paths.stream().map(ResticPath::argument).distinct().toList();
        if (directories.stream().noneMatch(SnapshotPath.ROOT::equals)) {
            directories.forEach(path -> arguments.add(path.path()));
        }
        return new ResticCommand(arguments);
    }

    /** Writes what is at and below these paths of a snapshot to a directory, where it gets its whole path, and reads it again. */
    public static ResticCommand restore(Restore restore, Path target, ResticVersion version) {
        var arguments = start("restore");
        arguments.add("--target=" + target);
        arguments.add("--verify");
        if (version.compareTo(ResticVersion.SPARSE) >= 0) {
            arguments.add("--sparse");
        }
        if (version.compareTo(ResticVersion.OVERWRITE) >= 0) {
            arguments.add("--overwrite=" + restore.overwrite().word().replace('_', '-'));
        }
        if (restore.delete()) {
            arguments.add("--delete");
        }
        if (restore.dryRun()) {
            arguments.remove("--verify");
            arguments.add("--dry-run");
            arguments.add("-vv");
        }
        if (restore.ownershipByName()) {
            arguments.add("--ownership-by-name");
        }
        if (restore.paths().stream().noneMatch(SnapshotPath.ROOT::equals)) {
            restore.paths().forEach(path -> arguments.add("--include=" + ResticPath.pattern(path)));
        }
        arguments.add("--");
        arguments.add(restore.snapshotId());
        return new ResticCommand(arguments);
    }

    public static ResticCommand init() {
        return new ResticCommand(List.of("--json", "init"));
    }

    /** Removes stale locks only. */
    public static ResticCommand unlock() {
        return new ResticCommand(List.of("--json", "unlock"));
    }

    /** Removes all locks, which breaks the jobs that hold them. */
    public static ResticCommand unlockAll() {
        return unlock().with("--remove-all");
    }

    /** Prints who holds a lock, as JSON. */
    public static ResticCommand lock(String id) {
        return new ResticCommand(List.of("--quiet", "cat", "lock", "--no-lock", "--", id));
    }

    /** Lists the ids of all locks, one per line. */
    public static ResticCommand locks() {
        return new ResticCommand(List.of("--quiet", "list", "locks", "--no-lock"));
    }

    /** Opens the repository, and lists the ids of all its keys, one per line. */
    public static ResticCommand keys() {
        return new ResticCommand(List.of("--quiet", "list", "keys", "--no-lock"));
    }

    /** Describes all keys, as a JSON array. */
    public static ResticCommand describeKeys() {
        return new ResticCommand(List.of("--json", "key", "list", "--no-lock"));
    }

    /**
     * Adds a key for another password.
     *
     * @param password file with it
     */
    public static ResticCommand addKey(Path password) {
        return new ResticCommand(List.of("--json", "key", "add", "--new-password-file=" + password));
    }

    /** Removes a key; restic refuses this for the one that opens the repository. */
    public static ResticCommand removeKey(String id) {
        return new ResticCommand(List.of("--json", "key", "remove", "--", id));
    }

    /** Lists the host's snapshots, or those of all hosts if this one looks after the repository. */
    public static ResticCommand listing(ToAgent.ConfigUpdate config) {
        return config.whole() ? allSnapshots() : snapshots(config.hostname());
    }

    /** Lists the snapshots of all hosts. */
    public static ResticCommand allSnapshots() {
        return new ResticCommand(List.of("--json", "snapshots", "--no-lock"));
    }

    public static ResticCommand snapshots(String host) {
        return new ResticCommand(List.of("--json", "snapshots", "--no-lock", "--host=" + host));
    }

    /** As {@link #snapshots(String)}, with this tag if there is one. */
    public static ResticCommand snapshots(String host, Optional<String> tag) {
        var command = snapshots(host);
        return tag.isPresent() ? command.with("--tag=" + tag.get()) : command;
    }

    /** Lists everything in a snapshot, one JSON object per line. */
    public static ResticCommand listAll(String snapshotId) {
        return new ResticCommand(List.of("--json", "ls", "--no-lock", "--", snapshotId));
    }

    /**
     * Restores some files, and verifies what was written.
     *
     * @param target directory that does not exist yet
     * @param patterns select the files; few, as restic before 0.17 takes them as arguments only
     */
    public static ResticCommand restore(String snapshotId, Path target, List<String> patterns) {
        var arguments = start("restore");
        arguments.add("--verify");
        arguments.add("--target=" + target);
        patterns.forEach(pattern -> arguments.add(INCLUDE + pattern));
        arguments.add("--");
        arguments.add(snapshotId);
        return new ResticCommand(arguments);
    }

    /** Saves a file of a test. */
    public static ResticCommand probeWrite(String host, Path file) {
        return new ResticCommand(
                List.of("--json", "backup", "--host=" + host, "--tag=" + PROBE_TAG, "--", file.toString()));
    }

    /** Lists what tests by this host have left. */
    public static ResticCommand probeSnapshots(String host) {
        return new ResticCommand(List.of("--json", "snapshots", "--no-lock", "--host=" + host, "--tag=" + PROBE_TAG));
    }

    /** Removes one snapshot. */
    public static ResticCommand forget(String snapshotId) {
        return forget(List.of(snapshotId)).get(0);
    }

    /** Checks that the repository is reachable and the password right, without changing anything. */
    public static ResticCommand probe() {
        return new ResticCommand(List.of("--json", "cat", "config", "--no-lock"));
    }

    /** Prints a snapshot, as JSON. Its id as a prefix of itself is found without retries, if it is gone. */
    public static ResticCommand snapshot(String id) {
        return new ResticCommand(
                List.of("--quiet", "cat", "snapshot", "--no-lock", "--", id.substring(0, id.length() - 1)));
    }

    /** Prints a blob, such as a directory. */
    public static ResticCommand blob(String id) {
        return new ResticCommand(List.of("--quiet", "cat", "blob", "--no-lock", "--", id));
    }

    /** Describes all files of a snapshot, as JSON. */
    public static ResticCommand files(String snapshotId) {
        return new ResticCommand(List.of("--json", "find", "--no-lock", "--snapshot=" + snapshotId, "--", "*"));
    }

    /** Prints the paths of all files of a snapshot, in the order of {@link #files}, with all their bytes. */
    public static ResticCommand paths(String snapshotId) {
        return new ResticCommand(List.of("--quiet", "ls", "--no-lock", "--", snapshotId));
    }

    /** Describes what is at a path, which is to follow, and what is directly in it; one line of JSON each. */
    public static ResticCommand describe(String snapshotId) {
        return new ResticCommand(List.of("--json", "ls", "--no-lock", "--", snapshotId));
    }

    /** Prints the content of what is at a path, which is to follow. */
    public static ResticCommand dump(String snapshotId, DumpFormat format) {
        return new ResticCommand(
                format == DumpFormat.RAW
                        ? List.of("--quiet", "dump", "--no-lock", "--", snapshotId)
                        : List.of("--quiet", "dump", "--no-lock", "--archive=" + format.word(), "--", snapshotId));
    }

    /** This call with an additional option. */
    public ResticCommand with(String option) {
        var more = new ArrayList<>(arguments);
        var end = more.indexOf("--");
        more.add(end < 0 ? more.size() : end, option);
        return new ResticCommand(more);
    }

    private static List<String> start(String command) {
        return new ArrayList<>(List.of("--json", command)); // --json first, otherwise flag errors are plain text
    }

    /** The command line, quoted for a shell; of many patterns only the first. */
    @Override
    public String toString() {
        var text = new StringBuilder("restic");
        int patterns = 0;
        for (var argument : arguments) {
            if (argument.startsWith(INCLUDE) && ++patterns > SHOWN_PATTERNS) {
                continue;
            }
            text.append(' ').append(argument.matches("[\\w@%+=:,./-]+") ? argument : quoted(argument));
        }
        return patterns > SHOWN_PATTERNS
                ? text + " (and " + (patterns - SHOWN_PATTERNS) + " more of " + INCLUDE + ")"
                : text.toString();
    }

    private static String quoted(String argument) {
        return "'" + argument.replace("'", "'\\''") + "'";
    }
}
