package io.resticfleet.server.retention;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** A host whose backups succeed every night, and what it reports. */
final class RetainedHost {

    private static final Duration DAY = Duration.ofDays(1);

    final SampleReports reports;
    final EnrolledAgent web;
    final String schedule;
    final RepositoryId repository;

    /** The snapshots that are there. */
    final List<Snapshot> listed = new ArrayList<>();

    AgentClient agent;

    /** The next due time. */
    Instant due = Instant.parse("2026-03-02T02:30:00Z");

    /** Of the last result. */
    long sequence;

    private final TestServer server;
    private final List<ToAgent.CommandRun> orders = new ArrayList<>();
    private int jobs;
    private int snapshots;
    private long offers;

    RetainedHost(TestServer server) throws Exception {
        this.server = server;
        this.reports = new SampleReports(server);
        this.web = server.enrol("web");
        this.schedule = web.addSchedule(nightly(3));
        this.agent = web.connectInSync();
        this.repository = new RepositoryId(
                server.sql("SELECT repository_id FROM host_repositories").get(0));
    }

    /** A backup at 2:30 each night that keeps one snapshot for each of some days. */
    static Map<String, Object> nightly(int daily) {
        return Map.of(
                "kind",
                "backup",
                "name",
                "nightly",
                "cron",
                "30 2 * * *",
                "time_zone",
                "UTC",
                "paths",
                List.of("/etc"),
                "retention",
                Map.of("keep_daily", daily));
    }

    /** A copy or a changed version of a snapshot, of the host's schedule. */
    Snapshot copyOf(Snapshot original, int number) {
        return copyOf(original, schedule, number);
    }

    /** A copy or a changed version of a snapshot, tagged with another schedule. */
    static Snapshot copyOf(Snapshot original, String tagged, int number) {
        return new Snapshot(
                copyId(number),
                copyId(number).substring(0, 8),
                original.time(),
                original.hostname(),
                original.username(),
                original.paths(),
                List.of(Schedule.TAG_PREFIX + tagged),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(original.id()));
    }

    /** Reports the snapshots of another repository than the first. */
    void list(RepositoryId of, List<Snapshot> there) throws Exception {
        server.clock().advance(Duration.ofSeconds(1));
        keepOrders(new ListedSnapshots(of, server.now(), there, true).report(++offers, agent::sendAndDrain));
    }

    /** A backup at the next due time, which it moves by a day, and the list after it. */
    void backup() throws Exception {
        server.clock().set(due.plusSeconds(5));
        result(start(), add(server.now(), schedule), due);
        list();
        due = due.plus(DAY);
    }

    /** Reports the start of a run; its id. */
    String start() throws Exception {
        var job = SampleReports.id(1_000 + ++jobs);
        agent.sendAndDrain(reports.started(++sequence, job, Optional.of(schedule), Optional.of(due)));
        return job;
    }

    /** Reports the end of a run a minute later, for the due time {@code named}. */
    void result(String job, String snapshot, Instant named) throws Exception {
        server.clock().advance(Duration.ofSeconds(60));
        keepOrders(agent.sendAndDrain(reports.finished(
                ++sequence, job, Optional.of(schedule), Optional.of(named), JobStatus.SUCCEEDED, snapshot)));
    }

    /** Adds a snapshot to the repository; its id. */
    String add(Instant time, String tagged) {
        var id = id(snapshots++);
        listed.add(new Snapshot(
                id,
                id.substring(0, 8),
                time,
                "web",
                "root",
                List.of("/etc"),
                List.of(Schedule.TAG_PREFIX + tagged),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
        return id;
    }

    /** Reports the snapshots that are there. */
    void list() throws Exception {
        server.clock().advance(Duration.ofSeconds(1));
        keepOrders(agent.sendAndDrain(new ToServer.SnapshotsReport(++sequence, server.now(), List.copyOf(listed))));
    }

    /** The jobs that the server has ordered since the last call. */
    List<ToAgent.CommandRun> orders() {
        var received = List.copyOf(orders);
        orders.clear();
        return received;
    }

    private void keepOrders(List<ToAgent> received) {
        received.stream()
                .filter(ToAgent.CommandRun.class::isInstance)
                .map(ToAgent.CommandRun.class::cast)
                .forEach(orders::add);
    }

    /** What the server answers a forget. */
    ToAgent.RetentionPlan plan(ToAgent.CommandRun forget) throws Exception {
        return plan(forget, repository);
    }

    ToAgent.RetentionPlan plan(ToAgent.CommandRun forget, RepositoryId of) throws Exception {
        return agent.sendAndDrain(new ToServer.RetentionAsk(forget.jobId(), of, 1)).stream()
                .filter(ToAgent.RetentionPlan.class::isInstance)
                .map(ToAgent.RetentionPlan.class::cast)
                .findFirst()
                .orElseThrow();
    }

    ApiResponse preview(Map<String, ?> body) throws Exception {
        return server.api().post("/api/retention/preview", body);
    }

    static List<String> removed(ApiResponse preview) {
        return StreamSupport.stream(preview.json().path("remove").spliterator(), false)
                .map(item -> item.path("snapshot_id").asText())
                .toList();
    }

    static List<String> reasonsOf(ApiResponse preview, String snapshot) {
        var reasons = new ArrayList<String>();
        kept(preview, snapshot).path("reasons").forEach(reason -> reasons.add(reason.asText()));
        return reasons;
    }

    static String countsOf(ApiResponse preview, String snapshot) {
        return kept(preview, snapshot).path("counts").asText();
    }

    static JsonNode kept(ApiResponse preview, String snapshot) {
        return StreamSupport.stream(preview.json().path("keep").spliterator(), false)
                .filter(item -> item.path("snapshot_id").asText().equals(snapshot))
                .findFirst()
                .orElseThrow();
    }

    static String id(int number) {
        return "%064x".formatted(number + 1);
    }

    /** Lists are compared by the first 16 digits of ids. */
    static String copyId(int number) {
        return "%016x".formatted(number * 0x9E3779B97F4A7C15L) + "0".repeat(48);
    }
}
