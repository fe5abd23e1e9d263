package io.resticfleet.agent.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Whether only root and the agent's user can change a file, by its own mode and that of all directories above. */
final class OwnerOnlyFile {

    private static final Set<Integer> WRITABLE_BY = Set.of(0020, 0002);
    private static final int STICKY = 01000;
    private static final int ROOT = 0;
    private static final Path SELF = Path.of("/proc/self/status");

    private OwnerOnlyFile() {}

    /**
     * Why others could change the file, for the owner; empty if they cannot.
     *
     * @param path of an existing file; symbolic links are followed, and both link and target are checked
     */
    static Optional<String> problem(Path path) throws IOException {
        var absolute = path.toAbsolutePath();
        var problem = climb(absolute.toRealPath());
        return problem.isPresent() || absolute.getParent() == null
                ? problem
                : climb(absolute.getParent().toRealPath());
    }

    private static Optional<String> climb(Path start) throws IOException {
        int self = number(SELF, "uid");
        for (var place = start; place != null; place = place.getParent()) {
            int owner = number(place, "uid");
            if (owner != ROOT && owner != self) {
                return Optional.of(
                        place + " must belong to root, or to the user the agent runs as; run chown root " + place);
            }
            int mode = number(place, "mode");
            boolean shared = WRITABLE_BY.stream().anyMatch(bit -> (mode & bit) != 0);
            boolean kept = !place.equals(start) && (mode & STICKY) != 0; // others cannot replace its files
            if (shared && !kept) {
                return Optional.of(place + " can be changed by others; run chmod go-w " + place);
            }
        }
        return Optional.empty();
    }

    private static int number(Path path, String attribute) throws IOException {
        return (int) Files.getAttribute(path, "unix:" + attribute, LinkOption.NOFOLLOW_LINKS);
    }
}
