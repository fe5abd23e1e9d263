package io.resticfleet.agent.job;

import io.resticfleet.agent.restore.Place;
import io.resticfleet.agent.state.StateDirectory;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Mode, owner and time of the directories above what is restored. restic gives them those of the snapshot, although nobody
 * asked for that: a restore of one file would change {@code /etc} and {@code /}.
 *
 * @param file where they are stored while restic runs
 */
record ParentAttributes(StateDirectory state, Path file) {

    /** Of one directory. */
    record Kept(URI directory, int mode, int uid, int gid, Instant mtime) {}

    /** Of all. */
    record All(List<Kept> kept) {}

    /** Stores them, unless that was done before. */
    void keep(List<Path> restored) throws IOException {
        if (Files.exists(file)) {
            return;
        }
        var kept = new LinkedHashMap<Path, Kept>();
        for (var path : restored) {
            for (var directory : path.getParent() == null ? List.<Path>of() : Place.existing(path.getParent())) {
                if (!kept.containsKey(directory)) {
                    kept.put(directory, of(directory));
                }
            }
        }
        restored.forEach(kept::remove); // also one above another
        state.writeJson(file, new All(List.copyOf(kept.values())));
    }

    private static Kept of(Path directory) throws IOException {
        var all = Files.readAttributes(directory, "unix:mode,uid,gid,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
        return new Kept(
                directory.toUri(),
                (int) all.get("mode"),
                (int) all.get("uid"),
                (int) all.get("gid"),
                ((FileTime) all.get("lastModifiedTime")).toInstant());
    }

    /** Sets them again; returns those for which that failed. */
    List<Path> restore() {
        return state.readJson(file, All.class).map(All::kept).orElse(List.of()).stream()
                .filter(kept -> !set(kept))
                .map(kept -> Path.of(kept.directory()))
                .toList();
    }

    private static boolean set(Kept kept) {
        var directory = Path.of(kept.directory());
        try {
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
            var now = of(directory);
            if (now.equals(kept)) {
                return true;
            }
            if (now.uid() != kept.uid() || now.gid() != kept.gid()) {
                Files.setAttribute(directory, "unix:uid", kept.uid(), LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(directory, "unix:gid", kept.gid(), LinkOption.NOFOLLOW_LINKS);
            }
            Files.setAttribute(directory, "unix:mode", kept.mode() & 07777, LinkOption.NOFOLLOW_LINKS);
            Files.getFileAttributeView(directory, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setTimes(FileTime.from(kept.mtime()), null, null);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
