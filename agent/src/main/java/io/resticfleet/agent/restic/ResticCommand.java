package io.resticfleet.agent.restic;

import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The arguments of one call of restic; never a secret among them.
 *
 * <p>Values go as {@code --option=value} and paths after {@code --}, so that none of them can be taken for an option.
 *
 * @param arguments without the program's name
 */
public record ResticCommand(List<String> arguments) {

    public ResticCommand {
        arguments = List.copyOf(arguments);
    }

    /** A snapshot of these paths of the schedule. */
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
     * Applies a policy to snapshots of the host.
     *
     * @param tag only to those that carry it, as one group whatever other tags they have; absent for all, by their tags
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

    public static ResticCommand prune() {
        return new ResticCommand(start("prune"));
    }

    public static ResticCommand check() {
        return new ResticCommand(start("check"));
    }

    public static ResticCommand init() {
        return new ResticCommand(List.of("--json", "init"));
    }

    /** Removes stale locks only; never {@code --remove-all}, which breaks what runs. */
    public static ResticCommand unlock() {
        return new ResticCommand(List.of("--json", "unlock"));
    }

    /** The ids of the locks there are, one to a line. */
    public static ResticCommand locks() {
        return new ResticCommand(List.of("--quiet", "list", "locks", "--no-lock"));
    }

    public static ResticCommand snapshots(String host) {
        return new ResticCommand(List.of("--json", "snapshots", "--no-lock", "--host=" + host));
    }

    /** Tells whether the repository answers and the password is right, changing nothing. */
    public static ResticCommand probe() {
        return new ResticCommand(List.of("--json", "cat", "config", "--no-lock"));
    }

    /** This call with one more option. */
    public ResticCommand with(String option) {
        var more = new ArrayList<>(arguments);
        var end = more.indexOf("--");
        more.add(end < 0 ? more.size() : end, option);
        return new ResticCommand(more);
    }

    private static List<String> start(String command) {
        return new ArrayList<>(List.of("--json", command)); // --json first, else flag errors come as text
    }

    /** As one would type it. */
    @Override
    public String toString() {
        var text = new StringBuilder("restic");
        for (var argument : arguments) {
            text.append(' ').append(argument.matches("[\\w@%+=:,./-]+") ? argument : quoted(argument));
        }
        return text.toString();
    }

    private static String quoted(String argument) {
        return "'" + argument.replace("'", "'\\''") + "'";
    }
}
