package io.resticfleet.agent.job;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.Id;
import io.resticfleet.protocol.JobId;
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
 * The accepted jobs whose end is not acknowledged yet, and the ids of recently ended ones; on disk.
 *
 * <p>Safe for use by many threads.
 */
public final class Journal {

    private static final System.Logger log = System.getLogger(Journal.class.getName());
    private static final String ENTRY = "job.json";
    private static final String ENDED = "ended-jobs.json";
    private static final int MAX_ENDED = 2_000;
    private static final int MAX_JOBS = 5_000;

    private final StateDirectory state;
    private final Path directory;
    private final int maxJobs;
    private final Map<JobId, JobEntry> entries = new TreeMap<>();
    private final LinkedHashSet<JobId> ended = new LinkedHashSet<>();

    /** Accepted jobs whose entry cannot be read any more. */
    private final Set<JobId> damaged = new HashSet<>();

    /** Content of the file of ended jobs. */
    record EndedJobs(List<JobId> ids) {}

    private Journal(StateDirectory state, Path directory, int maxJobs) {
        this.state = state;
        this.directory = directory;
        this.maxJobs = maxJobs;
    }

    public static Journal open(StateDirectory state) {
        return open(state, MAX_JOBS);
    }

    /** @param maxJobs number of jobs at which it is full */
    static Journal open(StateDirectory state, int maxJobs) {
        var journal = new Journal(state, state.directory("jobs"), maxJobs);
        journal.load();
        return journal;
    }

    /**
     * Stores a job, unless it is known already.
     *
     * @return whether it is new, and now on disk
     */
    synchronized boolean accept(JobEntry entry) {
        if (knows(entry.jobId())) {
            return false;
        }
        put(entry);
        return true;
    }

    synchronized boolean knows(JobId jobId) {
        return entries.containsKey(jobId) || ended.contains(jobId) || damaged.contains(jobId);
    }

    /** Whether this job was accepted but its entry cannot be read any more. */
    synchronized boolean damaged(JobId jobId) {
        return damaged.contains(jobId);
    }

    synchronized Optional<JobEntry> find(JobId jobId) {
        return Optional.ofNullable(entries.get(jobId));
    }

    /** Whether there are more jobs than a working server would order. */
    synchronized boolean full() {
        return entries.size() >= maxJobs;
    }

    /** All jobs, by id and so by time. */
    synchronized List<JobEntry> list() {
        return List.copyOf(entries.values());
    }

    /** Changes an entry; returns when it is on disk. */
    synchronized JobEntry update(JobId jobId, UnaryOperator<JobEntry> change) {
        var entry = change.apply(entries.get(jobId));
        put(entry);
        return entry;
    }

    /** Remembers these ids as used, without a job. */
    synchronized void used(Collection<JobId> jobIds) {
        ended.addAll(jobIds);
        for (var oldest = ended.iterator(); ended.size() > MAX_ENDED && oldest.hasNext(); ) {
            oldest.next();
            oldest.remove();
        }
        state.writeJson(ENDED, new EndedJobs(List.copyOf(ended)));
    }

    /** Removes a job and its directory; its id stays known for a while. */
    synchronized void remove(JobId jobId) {
        used(List.of(jobId));
        entries.remove(jobId);
        damaged.remove(jobId);
        state.deleteTree(directory(jobId));
    }

    /** Whether the disk has room for more than the journal and the results. */
    boolean hasRoom() {
        return state.reserve().hasRoom();
    }

    Path directory(JobId jobId) {
        return directory.resolve(jobId.value());
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
            log.log(Level.ERROR, "damaged file set aside: " + e.getMessage());
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
                damaged(id);
            } else {
                state.deleteTree(job);
            }
        } catch (StateDirectory.DamagedFile e) {
            log.log(
                    Level.ERROR,
                    "a job's entry is damaged, the job ends as interrupted job=" + id + ": " + e.getMessage());
            state.setAside(job.resolve(ENTRY));
            damaged(id);
        }
    }

    private void damaged(String directoryName) {
        if (Id.matches(directoryName)) {
            damaged.add(new JobId(directoryName));
        }
    }
}
