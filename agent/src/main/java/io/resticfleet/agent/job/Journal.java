package io.resticfleet.agent.job;

import io.resticfleet.agent.state.StateDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Every job this agent has accepted and not yet told the end of, on disk; and the ids of those told lately.
 *
 * <p>Safe for use by many threads.
 */
public final class Journal {

    private static final System.Logger log = System.getLogger(Journal.class.getName());
    private static final String ENTRY = "job.json";
    private static final String ENDED = "ended-jobs.json";
    private static final int MOST_ENDED = 2_000;
    private static final int MOST = 5_000;

    private final StateDirectory state;
    private final Path directory;
    private final int most;
    private final Map<String, JobEntry> entries = new TreeMap<>();
    private final LinkedHashSet<String> ended = new LinkedHashSet<>();

    /** Taken in once; what they were cannot be read any more. */
    private final Set<String> damaged = new HashSet<>();

    /** The form of the file of ended jobs. */
    record EndedJobs(List<String> ids) {}

    private Journal(StateDirectory state, Path directory, int most) {
        this.state = state;
        this.directory = directory;
        this.most = most;
    }

    public static Journal open(StateDirectory state) {
        return open(state, MOST);
    }

    /** @param most jobs that it holds before it calls itself full */
    static Journal open(StateDirectory state, int most) {
        var journal = new Journal(state, state.directory("jobs"), most);
        journal.load();
        return journal;
    }

    /**
     * Takes a job in, unless it was taken in before.
     *
     * @return whether it is new; then it is on disk
     */
    synchronized boolean accept(JobEntry entry) {
        if (knows(entry.jobId())) {
            return false;
        }
        put(entry);
        return true;
    }

    synchronized boolean knows(String jobId) {
        return entries.containsKey(jobId) || ended.contains(jobId) || damaged.contains(jobId);
    }

    /** Whether a job was taken in whose entry cannot be read any more. */
    synchronized boolean damaged(String jobId) {
        return damaged.contains(jobId);
    }

    synchronized Optional<JobEntry> find(String jobId) {
        return Optional.ofNullable(entries.get(jobId));
    }

    /** Whether it holds so many jobs that no server can have asked for them in earnest. */
    synchronized boolean full() {
        return entries.size() >= most;
    }

    /** All jobs, by id; ids rise with time. */
    synchronized List<JobEntry> list() {
        return List.copyOf(entries.values());
    }

    /** Changes an entry; returns when that is on disk. */
    synchronized JobEntry update(String jobId, UnaryOperator<JobEntry> change) {
        var entry = change.apply(entries.get(jobId));
        put(entry);
        return entry;
    }

    /** Remembers that these ids were used up without ever being jobs here. */
    synchronized void used(Collection<String> jobIds) {
        ended.addAll(jobIds);
        for (var oldest = ended.iterator(); ended.size() > MOST_ENDED && oldest.hasNext(); ) {
            oldest.next();
            oldest.remove();
        }
        state.writeJson(ENDED, new EndedJobs(List.copyOf(ended)));
    }

    /** Forgets a job with its directory; its id stays known for a while. */
    synchronized void remove(String jobId) {
        used(List.of(jobId));
        entries.remove(jobId);
        damaged.remove(jobId);
        state.deleteTree(directory(jobId));
    }

    /** Whether there is room on the disk for more than the journal and the results. */
    boolean hasRoom() {
        return state.reserve().hasRoom();
    }

    Path directory(String jobId) {
        return directory.resolve(jobId);
    }

    private void put(JobEntry entry) {
        state.directory(directory(entry.jobId()));
        state.writeJson(directory(entry.jobId()).resolve(ENTRY), entry);
        entries.put(entry.jobId(), entry);
    }

    private void load() {
        try {
            state.readJson(ENDED, EndedJobs.class).ifPresent(file -> ended.addAll(file.ids()));
        } catch (StateDirectory.DamagedFile e) {
            log.log(Level.ERROR, "set aside: " + e.getMessage());
            state.setAside(state.root().resolve(ENDED));
        }
        try (var directories = Files.newDirectoryStream(directory)) {
            for (var job : directories) {
                load(job);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
    }

    private void load(Path job) {
        var id = job.getFileName().toString();
        try {
            var entry = state.readJson(job.resolve(ENTRY), JobEntry.class);
            if (entry.isPresent()) {
                entries.put(entry.get().jobId(), entry.get());
            } else if (Files.exists(job.resolve(ENTRY + ".damaged"))) {
                damaged.add(id);
            } else {
                state.deleteTree(job);
            }
        } catch (StateDirectory.DamagedFile e) {
            log.log(Level.ERROR, "a job is lost and ends as interrupted job=" + id + ": " + e.getMessage());
            state.setAside(job.resolve(ENTRY));
            damaged.add(id);
        }
    }
}
