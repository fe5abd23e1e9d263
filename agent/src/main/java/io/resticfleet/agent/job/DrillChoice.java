package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ListedFile;
import io.resticfleet.protocol.DrillSample;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Chooses the files of a drill from the list of all files, of which it keeps a limited number: a reservoir in which each
 * file has the same chance. Not safe for use by more than one thread.
 */
final class DrillChoice {

    /** Bytes of all paths together: the system limits the length of a program's arguments. */
    private static final int MAX_PATH_BYTES = 512 * 1024;

    private final DrillSample sample;
    private final Random random;
    private final Map<String, Optional<ListedFile>> canaries = new LinkedHashMap<>();
    private final List<ListedFile> reservoir = new ArrayList<>();
    private long files;
    private long bytes;
    private long candidates;
    private long unnameable;

    /**
     * The files to restore.
     *
     * @param canaries how many of the files are canaries; they come first
     * @param leftOut how many of the random choice are not among them, as they do not fit or cannot be named
     */
    record Chosen(List<ListedFile> files, int canaries, long leftOut, long snapshotFiles, long snapshotBytes) {

        Chosen {
            files = List.copyOf(files);
        }

        long bytes() {
            return files.stream().mapToLong(ListedFile::size).sum();
        }
    }

    DrillChoice(DrillSample sample, List<String> canaries, Random random) {
        this.sample = sample;
        this.random = random;
        canaries.forEach(path -> this.canaries.put(path, Optional.empty()));
    }

    /** Adds one of the snapshot's files. */
    void add(ListedFile file) {
        files++;
        bytes += file.size();
        if (canaries.containsKey(file.path())) {
            canaries.put(file.path(), Optional.of(file));
            return;
        }
        if (!file.isNameable()) {
            unnameable++;
            return;
        }
        candidates++;
        if (reservoir.size() < DrillSample.MAX_FILES) {
            reservoir.add(file);
        } else {
            long place = random.nextLong(candidates);
            if (place < DrillSample.MAX_FILES) {
                reservoir.set((int) place, file);
            }
        }
    }

    /** The canaries that the snapshot does not have. */
    List<String> missing() {
        return canaries.entrySet().stream()
                .filter(canary -> canary.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Size of all canaries. */
    long canaryBytes() {
        return canaries.values().stream()
                .flatMap(Optional::stream)
                .mapToLong(ListedFile::size)
                .sum();
    }

    /**
     * Chooses all canaries, and files at random as long as they fit.
     *
     * @param room bytes that may be used on the disk
     */
    Chosen choose(long room) {
        var chosen = new ArrayList<ListedFile>();
        canaries.values().forEach(canary -> canary.ifPresent(chosen::add));
        int fixed = chosen.size();
        long left = Math.min(room - canaryBytes(), sample.maxBytes());
        int paths = chosen.stream().mapToInt(DrillChoice::pathBytes).sum();
        int wanted = Math.min(sample.filesOf(files), DrillSample.MAX_FILES - fixed);
        long skipped = 0;
        Collections.shuffle(reservoir, random);
        reservoir.sort(Comparator.comparing(file -> file.size() == 0)); // empty ones last, as they prove little
        for (var file : reservoir) {
            if (chosen.size() - fixed >= wanted) {
                break;
            }
            if (file.size() > left || paths + pathBytes(file) > MAX_PATH_BYTES) {
                skipped++;
                continue;
            }
            left -= file.size();
            paths += pathBytes(file);
            chosen.add(file);
        }
        return new Chosen(chosen, fixed, skipped + unnameable, files, bytes);
    }

    private static int pathBytes(ListedFile file) {
        return 3 * file.pattern().length() + 16;
    }
}
