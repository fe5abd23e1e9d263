package io.resticfleet.agent.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** What is at a path of this machine, without following symbolic links. */
public final class Place {

    private static final List<Path> OF_THE_SYSTEM = List.of(Path.of("/proc"), Path.of("/sys"), Path.of("/dev"));
    private static final int SHARED = 0022;
    private static final int STICKY = 01000;

    private Place() {}

    /** Why nothing may be written at or below a directory; empty if there is no reason. */
    static Optional<String> problem(Path directory) throws IOException {
        return OF_THE_SYSTEM.stream()
                .filter(directory::startsWith)
                .findFirst()
                .map(system -> directory + " is in " + system + ", which has no files")
                .or(() -> link(directory));
    }

    /** The symbolic link, or file, that is where a directory is needed, in a sentence. */
    public static Optional<String> link(Path directory) {
        return existing(directory).stream()
                .filter(place -> !Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS))
                .findFirst()
                .map(place -> Files.isSymbolicLink(place)
                        ? place + " is a symbolic link on this machine, which could lead elsewhere; use the path of the"
                                + " directory itself"
                        : place + " is no directory on this machine");
    }

    /** The directories from the root to this one, as far as there is anything. */
    public static List<Path> existing(Path directory) {
        var all = new ArrayList<Path>();
        for (var place = directory; place != null; place = place.getParent()) {
            all.add(place);
        }
        Collections.reverse(all);
        var existing = new ArrayList<Path>();
        for (var place : all) {
            if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
                break;
            }
            existing.add(place);
        }
        return existing;
    }

    /** The last of {@link #existing}. */
    public static Path closest(Path directory) {
        var existing = existing(directory);
        return existing.get(existing.size() - 1);
    }

    /** The first of the directories down to this one that others than root and the agent's user could replace or change. */
    static Optional<Path> changeableByOthers(Path directory) throws IOException {
        int self = number(Path.of("/proc/self/status"), "uid");
        for (var place : existing(directory)) {
            int owner = number(place, "uid");
            int mode = number(place, "mode");
            boolean kept = (mode & STICKY) != 0 && !place.equals(directory);
            if (owner != 0 && owner != self || (mode & SHARED) != 0 && !kept) {
                return Optional.of(place);
            }
        }
        return Optional.empty();
    }

    private static int number(Path path, String attribute) throws IOException {
        return (int) Files.getAttribute(path, "unix:" + attribute, LinkOption.NOFOLLOW_LINKS);
    }
}
