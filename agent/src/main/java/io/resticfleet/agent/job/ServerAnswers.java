package io.resticfleet.agent.job;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** What running jobs ask the server, and its answers. Safe for use by many threads. */
public final class ServerAnswers {

    /** Exists once a server has planned retention for this machine: from then on it removes nothing by itself. */
    private static final String PLANS = "retention-plans";

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final StateDirectory state;
    private final Predicate<ToServer> send;
    private final LongSupplier nanos;
    private final Map<JobId, ToAgent> answers = new ConcurrentHashMap<>();
    private final Map<JobId, Cancellation> asking = new ConcurrentHashMap<>();

    /**
     * @param send passes a message to the connection; false if there is none
     * @param nanos monotonic clock
     */
    public ServerAnswers(StateDirectory state, Predicate<ToServer> send, LongSupplier nanos) {
        this.state = state;
        this.send = send;
        this.nanos = nanos;
    }

    /** The server has connected. */
    public void welcomed(ToAgent.Welcome welcome) {
        if (welcome.features().orElse(List.of()).contains(Protocol.RETENTION_PLANS) && !plansRetention()) {
            state.write(state.root().resolve(PLANS), new byte[0]);
        }
    }

    /** Whether the server decides which snapshots are removed; false with an older one. */
    public boolean plansRetention() {
        return Files.exists(state.root().resolve(PLANS));
    }

    public void answered(ToAgent.RetentionPlan plan) {
        answered(plan.jobId(), plan);
    }

    public void answered(ToAgent.CredentialsGrant grant) {
        answered(grant.jobId(), grant);
    }

    private void answered(JobId jobId, ToAgent answer) {
        var asker = asking.get(jobId);
        if (asker != null) { // else nobody asked, or gave up
            answers.put(jobId, answer);
            asker.wake();
        }
    }

    /**
     * Asks the server, and waits for its answer; asks again after a lost connection.
     *
     * @param beat called about once a second
     * @return empty if there was none within two minutes
     * @throws JobAborted if the job is cancelled meanwhile
     */
    <T extends ToAgent> Optional<T> ask(
            JobId jobId, ToServer question, Class<T> type, Cancellation cancellation, Runnable beat)
            throws InterruptedException, JobAborted {
        asking.put(jobId, cancellation);
        try {
            long start = nanos.getAsLong();
            for (int tries = 0; nanos.getAsLong() - start < PATIENCE.toNanos(); tries++) {
                if (tries % 20 == 0) {
                    send.test(question);
                }
                cancellation.await(PAUSE);
                beat.run();
                if (cancellation.cancelled()) {
                    throw cancellation.reason();
                }
                var answer = answers.remove(jobId);
                if (type.isInstance(answer)) {
                    return Optional.of(type.cast(answer));
                }
            }
            return Optional.empty();
        } finally {
            asking.remove(jobId);
            answers.remove(jobId);
        }
    }
}
