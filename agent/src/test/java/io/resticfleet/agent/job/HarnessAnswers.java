package io.resticfleet.agent.job;

import io.resticfleet.agent.path.Fstab;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.question.LocalAnswers;
import io.resticfleet.agent.reading.RepositoryAccess;
import io.resticfleet.agent.reading.SnapshotReading;
import io.resticfleet.agent.reading.Uploads;
import io.resticfleet.agent.thread.Threads;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;

/** The answers of a {@link JobHarness}' machine, which has no server. */
final class HarnessAnswers {

    private HarnessAnswers() {}

    static LocalAnswers of(JobHarness harness, Path root, PolicyFile policy) {
        var context = harness.context;
        return new LocalAnswers(
                new Fstab(root.resolve("fstab")),
                context.environment().ssh(),
                harness.lockQuestion(),
                harness.restores,
                SnapshotReading.of(
                                new RepositoryAccess(harness.credentials, policy, root),
                                context.program(),
                                context.environment(),
                                new Uploads(
                                        HttpClient.newHttpClient(),
                                        path -> URI.create("http://127.0.0.1:1" + path),
                                        Threads.OF_SYSTEM,
                                        System::nanoTime),
                                Threads.OF_SYSTEM,
                                message -> false)
                        .answers(),
                policy,
                System::nanoTime);
    }
}
