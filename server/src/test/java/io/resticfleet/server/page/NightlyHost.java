package io.resticfleet.server.page;

import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A host with a nightly backup and a connected agent, which reports how its backups go. */
public record NightlyHost(EnrolledAgent enrolled, String schedule, AgentClient agent) {

    private static final AtomicInteger COUNT = new AtomicInteger();

    /** Enrols the host, adds the schedule and connects. */
    public static NightlyHost connect(TestServer server, String name) throws Exception {
        var enrolled = server.enrol(name);
        var schedule = enrolled.addSchedule(Samples.NIGHTLY);
        return new NightlyHost(enrolled, schedule, enrolled.connectInSync());
    }

    /** Of the host's pages. */
    public String path() {
        return "/hosts/" + enrolled.hostId();
    }

    /** SampleReports a backup that was due now and ended so. */
    public void runBackup(JobStatus status) throws InterruptedException {
        agent.sendAndDrain(reports()
                .finished(
                        COUNT.incrementAndGet(),
                        SampleReports.id(COUNT.incrementAndGet()),
                        Optional.of(schedule),
                        Optional.of(enrolled.server().now()),
                        status,
                        status == JobStatus.FAILED ? "" : SampleReports.SNAPSHOT));
    }

    /** SampleReports a backup that was due now and has started; the id of the job. */
    public String startBackup() throws InterruptedException {
        var job = SampleReports.id(COUNT.incrementAndGet());
        agent.sendAndDrain(reports()
                .started(
                        COUNT.incrementAndGet(),
                        job,
                        Optional.of(schedule),
                        Optional.of(enrolled.server().now())));
        return job;
    }

    /** SampleReports that this backup has succeeded. */
    public void finishBackup(String job) throws InterruptedException {
        agent.sendAndDrain(reports().finished(COUNT.incrementAndGet(), job, schedule));
    }

    public void reportProgress(String job, int percent) throws InterruptedException {
        agent.sendAndDrain(new ToServer.JobProgress(
                new JobId(job),
                percent / 100.0,
                percent,
                100,
                percent * 100L,
                10_000,
                0,
                Optional.of(60L),
                Optional.of("/etc")));
    }

    private SampleReports reports() {
        return new SampleReports(enrolled.server());
    }
}
