package io.resticfleet.agent.job;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds a directory in which a name is there twice. Only a forged snapshot has one; restic restores both, and follows a link
 * of that name to write what is in a directory of that name, anywhere. Not safe for use by more than one thread.
 */
final class NameCheck {

    private static final char UNREADABLE = '\uFFFD';

    /** The directories above the last entry, the lowest first. */
    private final Deque<Directory> above = new ArrayDeque<>();

    /** Directories above those that were asked for, which are not listed themselves. */
    private final Set<String> unlisted = new HashSet<>();

    /** Types of the entries of whose paths restic does not print every byte: different ones may look the same. */
    private final Map<Long, String> unreadable = new HashMap<>();

    private String lastDirectory = "";
    private Optional<String> problem = Optional.empty();

    /** The names in a directory of the list. */
    private static final class Directory {
        private final String path;
        private final boolean listed;
        private final HashedNames names = new HashedNames();

        Directory(String path, boolean listed) {
            this.path = path;
            this.listed = listed;
        }
    }

    /**
     * Adds the next entry of a list in which a directory comes before its content.
     *
     * @param path as restic prints it
     * @param type of restic, such as {@code dir}
     */
    void add(String path, String type) {
        if (problem.isPresent()) {
            return;
        }
        int slash = path.lastIndexOf('/');
        if (slash < 0 || Stream.of(path.substring(1).split("/", -1)).anyMatch(NameCheck::isNoName)) {
            impossible();
        } else if (path.indexOf(UNREADABLE) >= 0) {
            var directory = path.substring(0, slash);
            if (directory.indexOf(UNREADABLE) >= 0 || open(directory)) {
                addUnreadable(path, type);
            }
        } else if (open(path.substring(0, slash)) && !above.element().names.add(path.substring(slash + 1))) {
            twice(path);
        }
        lastDirectory = type.equals("dir") ? path : "";
    }

    private static boolean isNoName(String name) {
        return name.isEmpty() || name.equals(".") || name.equals("..");
    }

    /** Whether the list may go on in this directory. */
    private boolean open(String directory) {
        while (!above.isEmpty() && !isAtOrBelow(directory, above.element().path)) {
            above.pop();
        }
        if (!above.isEmpty() && above.element().path.equals(directory)) {
            return true;
        }
        boolean listed = !directory.isEmpty() && directory.equals(lastDirectory);
        if (!listed && wasLeft(directory)) {
            impossible();
            return false;
        }
        if (!listed) {
            unlisted.add(directory);
        }
        above.push(new Directory(directory, listed));
        return true;
    }

    /** Whether the list was in this directory before, or passed by it, as with a name that has a slash. */
    private boolean wasLeft(String directory) {
        for (int end = directory.length(); end >= 0; end = directory.lastIndexOf('/', end - 1)) {
            var part = directory.substring(0, end);
            if (unlisted.contains(part) && above.stream().noneMatch(each -> each.path.equals(part))) {
                return true;
            }
            if (end == 0) {
                break;
            }
        }
        if (above.isEmpty()) {
            return false;
        }
        var closest = above.element();
        var next = directory.substring(closest.path.length() + 1).split("/", 2)[0];
        return closest.listed || closest.names.contains(next);
    }

    private static boolean isAtOrBelow(String path, String directory) {
        return path.startsWith(directory)
                && (path.length() == directory.length() || path.charAt(directory.length()) == '/');
    }

    /** Two that look the same and have the same type can be different, or else do no harm. */
    private void addUnreadable(String path, String type) {
        var before = unreadable.putIfAbsent(HashedNames.hash(path), type.intern());
        if (before != null && !before.equals(type)) {
            twice(path);
        }
    }

    private void twice(String path) {
        problem = Optional.of("the snapshot has a directory with a name twice, " + path
                + ", as only a forged one has: restic could write anywhere");
    }

    private void impossible() {
        problem = Optional.of("the snapshot has an entry with an impossible path");
    }

    /** Why nothing of this snapshot must be restored; empty if there is no reason. */
    Optional<String> problem() {
        return problem;
    }
}
