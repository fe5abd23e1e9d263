package io.resticfleet.server.page;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.FakeAgent;
import io.resticfleet.server.FakeMachine;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.Reports;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A machine with a nightly backup and a connected agent, which tells how its backups go. */
public record Member(TestServer server, FakeMachine machine, String schedule, FakeAgent agent) {

    private static final AtomicInteger COUNT = new AtomicInteger();

    public static Member joins(TestServer server, String name) throws Exception {
        var machine = server.enrol(name);
        var schedule = server.schedule(machine, TestServer.NIGHTLY);
        return new Member(server, machine, schedule, server.connectQuietly(machine));
    }

    public String path() {
        return "/hosts/" + machine.hostId();
    }

    /** A backup was due, began and ended. */
    public void ends(JobStatus status) throws InterruptedException {
        agent.sayAndHear(reports()
                .finished(
                        COUNT.incrementAndGet(),
                        Reports.id(COUNT.incrementAndGet()),
                        Optional.of(schedule),
                        Optional.of(server.now),
                        status,
                        status == JobStatus.FAILED ? "" : Reports.SNAPSHOT));
    }

    /** A backup was due and has begun; the id of the job. */
    public String begins() throws InterruptedException {
        var job = Reports.id(COUNT.incrementAndGet());
        agent.sayAndHear(
                reports().started(COUNT.incrementAndGet(), job, Optional.of(schedule), Optional.of(server.now)));
        return job;
    }

    /** That backup has ended well. */
    public void ends(String job) throws InterruptedException {
        agent.sayAndHear(reports().finished(COUNT.incrementAndGet(), job, schedule));
    }

    public void progresses(String job, int percent) throws InterruptedException {
        agent.sayAndHear(new ToServer.JobProgress(
                job, percent / 100.0, percent, 100, percent * 100L, 10_000, 0, Optional.of(60L), Optional.of("/etc")));
    }

    private Reports reports() {
        return new Reports(server);
    }
}
