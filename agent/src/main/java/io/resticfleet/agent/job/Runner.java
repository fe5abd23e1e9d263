package io.resticfleet.agent.job;

import io.resticfleet.agent.thread.Signal;
import io.resticfleet.protocol.Id;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * Runs the journal's jobs, one at a time, in order of arrival.
 *
 * <p>Owns one thread. Safe for use by many.
 */
public final class Runner implements AutoCloseable {

    private static final System.Logger log = System.getLogger(Runner.class.getName());

    private static final Duration RETRY_PAUSE = Duration.ofSeconds(10);

    private static final Duration MAX_IDLE = Duration.ofHours(1);
    private static final Duration REQUEUE_PAUSE = Duration.ofSeconds(30);

    private final JobContext context;
    private final ConcurrentLinkedQueue<JobId> queue = new ConcurrentLinkedQueue<>();
    private final Signal queued;
    private final Signal closing;
    private Optional<Thread> worker = Optional.empty();
    private Optional<Current> current = Optional.empty();
    private Optional<Cancellation> listing = Optional.empty();
    private boolean closed;

    /** Whether the repository's snapshots are to be listed when no job is queued. */
    private boolean listWanted;

    private record Current(JobId jobId, Cancellation cancellation) {}

    private Runner(JobContext context) {
        this.context = context;
        this.queued = context.threads().signal();
        this.closing = context.threads().signal();
    }

    /** Starts with the jobs in the journal, those first that were running when the agent stopped. */
    public static Runner start(JobContext context) {
        var runner = new Runner(context);
        DrillDirectory.removeLeft(context.state(), id -> ended(context, id));
        context.journal().list().stream()
                .filter(entry -> entry.phase() == JobEntry.Phase.RUNNING || entry.phase() == JobEntry.Phase.QUEUED)
                .filter(entry -> entry.parent()
                        .flatMap(context.journal()::find)
                        .filter(p -> !p.ended())
                        .isEmpty())
                .sorted(Comparator.comparing(entry -> entry.phase() != JobEntry.Phase.RUNNING))
                .forEach(entry -> runner.queue.add(entry.jobId()));
        runner.worker = Optional.of(context.threads().start("runner", runner::work));
        return runner;
    }

    private static boolean ended(JobContext context, String jobId) {
        return !Id.matches(jobId)
                || context.journal()
                        .find(new JobId(jobId))
                        .filter(entry -> !entry.ended())
                        .isEmpty();
    }

    /** Queues a job that the journal has as queued. */
    void enqueue(JobId jobId) {
        queue.add(jobId);
        queued.raise();
    }

    /** @throws AgentStopping if no job is queued and the agent stops */
    private JobId take() throws InterruptedException {
        for (var next = queue.poll(); ; next = queue.poll()) {
            if (next != null) {
                return next;
            }
            checkOpen();
            if (!listIfWanted()) {
                queued.await(MAX_IDLE);
            }
        }
    }

    /** Lists the repository's snapshots soon, when no job is queued. */
    public synchronized void list() {
        listWanted = true;
        queued.raise();
    }

    /** A repository as it is now; empty if the host does not use it any more. */
    private Optional<ToAgent.ConfigUpdate> present(ToAgent.ConfigUpdate earlier) {
        return context.credentials().each().stream()
                .filter(config -> config.repositoryId().equals(earlier.repositoryId()))
                .findFirst();
    }

    /** @return whether a listing was wanted */
    private boolean listIfWanted() throws InterruptedException {
        synchronized (this) {
            if (!listWanted || closed) {
                return false;
            }
            listWanted = false;
            listing = Optional.of(new Cancellation(context.threads().signal()));
        }
        try {
            for (var config : context.credentials().each()) {
                if (context.snapshots().of(config).lacks(config)) {
                    new RepositoryUpkeep(context, listing.get(), () -> present(config)).report();
                }
            }
        } catch (AgentStopping e) {
            throw e;
        } catch (UncheckedIOException e) {
            log.log(Level.ERROR, "the list of snapshots cannot be stored: " + e.getMessage());
        } catch (RuntimeException e) {
            log.log(Level.ERROR, "the list of snapshots failed", e);
        } finally {
            synchronized (this) {
                listing = Optional.empty();
            }
        }
        return true;
    }

    private synchronized void checkOpen() {
        if (closed) {
            throw new AgentStopping();
        }
    }

    /** Cancels a job if it has not ended. */
    public synchronized void cancel(JobId jobId) {
        if (current.isPresent() && current.get().jobId().equals(jobId)) {
            current.get().cancellation().cancel();
            return;
        }
        endWaiting(
                jobId,
                entry -> context.results()
                        .finished(entry, Outcome.aborted(JobStatus.CANCELLED, "cancelled before it started")));
    }

    /** Ends a job that has not started. */
    synchronized void endWaiting(JobId jobId, Consumer<JobEntry> end) {
        if (current.isPresent() && current.get().jobId().equals(jobId)) {
            return; // it has just started
        }
        context.journal()
                .find(jobId)
                .filter(entry -> entry.phase() == JobEntry.Phase.WAITING || entry.phase() == JobEntry.Phase.QUEUED)
                .ifPresent(end);
    }

    private void work() {
        try {
            while (true) {
                var jobId = take();
                try {
                    begin(jobId).ifPresent(cancellation -> run(jobId, cancellation));
                } catch (AgentStopping e) {
                    return; // the job continues, and is resumed at the next start
                } catch (UncheckedIOException e) {
                    log.log(
                            Level.ERROR,
                            "cannot store the progress of a job, trying again in " + RETRY_PAUSE.toSeconds() + " s job="
                                    + jobId + ": " + e.getMessage());
                    ended();
                    rest();
                    queue.add(jobId); // skipped if it has ended
                } catch (RuntimeException e) {
                    log.log(Level.ERROR, "a job could not be run job=" + jobId, e);
                } finally {
                    ended();
                }
            }
        } catch (AgentStopping e) {
            // closed while idle or listing
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private synchronized void ended() {
        current = Optional.empty();
    }

    private void rest() throws InterruptedException {
        closing.await(RETRY_PAUSE);
    }

    private synchronized Optional<Cancellation> begin(JobId jobId) {
        var cancellation = new Cancellation(context.threads().signal());
        if (closed) {
            cancellation.agentStops();
        }
        cancellation.check();
        var wanted = context.journal().find(jobId).filter(entry -> !entry.ended());
        if (wanted.isEmpty()) {
            return Optional.empty();
        }
        current = Optional.of(new Current(jobId, cancellation));
        return Optional.of(cancellation);
    }

    private void run(JobId jobId, Cancellation cancellation) {
        try {
            var entry = context.journal().find(jobId).orElseThrow();
            var job = new JobRun(context, entry, cancellation);
            job.upkeep(job.execute().status());
        } catch (UncheckedIOException e) {
            log.log(Level.ERROR, "the result of a job cannot be stored, trying again soon job=" + jobId, e);
            await(cancellation);
            queue.add(jobId); // its steps are on disk, so nothing runs twice
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AgentStopping();
        }
    }

    private static void await(Cancellation cancellation) {
        try {
            cancellation.await(REQUEUE_PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AgentStopping();
        }
    }

    /**
     * Stops starting jobs, unless one is running or queued. New jobs stay in the journal for the next start.
     *
     * @return whether it has stopped
     */
    public synchronized boolean stopIfIdle() {
        if (current.isPresent() || !queue.isEmpty()) {
            return false;
        }
        closed = true;
        return true;
    }

    /** Stops the worker. A running restic continues, and is taken over at the next start. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            closing.raise();
            current.ifPresent(running -> running.cancellation().agentStops());
            listing.ifPresent(Cancellation::agentStops);
        }
        queued.raise(); // wakes the worker; an interrupt could tear a write
        try {
            if (worker.isPresent()) {
                worker.get().join(5_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
