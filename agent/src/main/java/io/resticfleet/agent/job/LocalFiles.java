package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticPath;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds what restic prints in a directory of this machine, also names that are no UTF-8. */
final class LocalFiles {

    private static final char UNREADABLE = '\uFFFD';

    private final Path root;

    /** The last directory with such a name, as its content is looked up next. */
    private String lastPrinted = "";

    private List<Path> last = List.of();

    LocalFiles(Path root) {
        this.root = root;
    }

    /** The paths that restic would print so, whether something is there or not; none if that cannot be. */
    List<Path> find(String printed) throws IOException {
        if (printed.indexOf(UNREADABLE) < 0) {
            try {
                return List.of(root.resolve(printed.substring(1)));
            } catch (InvalidPathException e) {
                return List.of();
            }
        }
        if (printed.equals(lastPrinted)) {
            return last;
        }
        int slash = printed.lastIndexOf('/');
        var name = printed.substring(slash + 1);
        var found = new ArrayList<Path>();
        for (var parent : slash <= 0 ? List.of(root) : find(printed.substring(0, slash))) {
            if (name.indexOf(UNREADABLE) < 0) {
                found.add(parent.resolve(name));
            } else {
                children(parent, name, found);
            }
        }
        lastPrinted = printed;
        last = found;
        return found;
    }

    private static void children(Path parent, String name, List<Path> found) throws IOException {
        if (!Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (DirectoryStream<Path> children = Files.newDirectoryStream(parent)) {
            for (var child : children) {
                if (ResticPath.printedName(child).equals(name)) {
                    found.add(child);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return; // removed meanwhile
        }
    }

    /** What is at a path; links are not followed. */
    static Optional<BasicFileAttributes> at(Path path) {
        try {
            return Optional.of(Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
