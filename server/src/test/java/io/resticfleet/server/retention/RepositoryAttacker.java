package io.resticfleet.server.retention;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.LeastKept;
import io.resticfleet.protocol.PolicyDuration;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.retention.AttackedFleet.Machine;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * An intruder on the machine {@code web}: has its identity at the server, and the everyday credentials at the repository, with
 * which it runs restic and sends requests of its own. Which tricks it tries is random.
 */
final class RepositoryAttacker {

    /** A trick, tried again and again. */
    enum Trick {
        /** Backups with a time of the past, reported as runs that just took place. */
        BACKDATE,
        /** A snapshot for each past due time, just after the real one, reported after a silence. */
        FILL_PAST,
        /** Many runs for one due time. */
        FLOOD,
        /** Ids of older snapshots, and of other hosts, reported as its own. */
        CLAIM_OTHERS,
        /** {@code tag}, of own and of others' snapshots. */
        TAG,
        /** {@code rewrite}, with another time or host. */
        REWRITE,
        /** Copies of others' snapshots, with and without {@code original}. */
        COPY,
        /** Snapshots in the name of another host. */
        OTHER_HOST,
        /** {@code forget}, {@code prune} and requests to delete or overwrite. */
        DELETE,
        /** {@code key add}, {@code key remove}, {@code key passwd}. */
        KEYS,
        /** {@code unlock}, and locks that stay. */
        LOCKS,
        /** False lists, policies, results and questions to the server. */
        LIES,
        /** Silences, in which snapshots are made. */
        SILENCE
    }

    /** What the REST server answers if it refuses. */
    private static final Set<Integer> REFUSED = Set.of(403, 404, 405);

    private final AttackedFleet fleet;
    private final AppendOnlyRepository repository;
    private final Machine web;
    private final Random random;
    private final List<Trick> tricks = new ArrayList<>();

    RepositoryAttacker(AttackedFleet fleet, Random random) {
        this.fleet = fleet;
        this.repository = fleet.repository;
        this.web = fleet.web;
        this.random = random;
        int count = 2 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            tricks.add(Trick.values()[random.nextInt(Trick.values().length)]);
        }
    }

    List<Trick> tricks() {
        return tricks;
    }

    /** What it does at this time. */
    void step() throws Exception {
        switch (tricks.get(random.nextInt(tricks.size()))) {
            case BACKDATE -> report(backup(pastTime()));
            case FILL_PAST -> fillPast();
            case FLOOD -> {
                for (int i = 0; i < 6; i++) {
                    report(forge(now().minusSeconds(random.nextInt(500)), web.name(), web.tag()));
                }
            }
            case CLAIM_OTHERS -> report(any());
            case TAG -> tag();
            case REWRITE ->
                repository.everyday(
                        "rewrite",
                        "--new-time=" + AttackedFleet.time(pastTime()),
                        "--new-host=" + fleet.db.name(),
                        random.nextBoolean() ? "--forget" : "--dry-run=false",
                        any());
            case COPY -> copy();
            case OTHER_HOST -> report(forge(now(), fleet.db.name(), fleet.db.tag()));
            case DELETE -> delete();
            case KEYS -> keys();
            case LOCKS -> locks();
            case LIES -> lie();
            case SILENCE -> silence();
        }
    }

    private Instant now() {
        return fleet.server.now();
    }

    /** Mostly just after a snapshot that is there, to be the newer one in each of its buckets. */
    private Instant pastTime() throws Exception {
        return switch (random.nextInt(4)) {
            case 0 -> now().minusSeconds(random.nextInt(3_600));
            case 1 -> now().plusSeconds(random.nextInt(3_600 * 24 * 20));
            default ->
                Instant.parse(repository.read(any()).path("time").asText()).plusSeconds(1 + random.nextInt(80_000));
        };
    }

    private String any() throws Exception {
        var all = List.copyOf(repository.snapshots());
        return all.get(random.nextInt(all.size()));
    }

    private String backup(Instant time) throws Exception {
        return repository.backup(
                "--time=" + AttackedFleet.time(time), "--host=" + web.name(), "--tag=" + web.tag(), "src");
    }

    /** A snapshot of nothing new, uploaded without restic. */
    private String forge(Instant time, String host, String tag) throws Exception {
        var snapshot = repository.read(any());
        snapshot.remove(List.of("original", "parent"));
        snapshot.put("time", time.toString()).put("hostname", host);
        snapshot.putArray("tags").add(tag);
        return repository.upload("snapshots", snapshot);
    }

    /** Reports a run with this snapshot, of its own schedule or the neighbour's, before or after it can be listed. */
    private void report(String snapshotId) throws Exception {
        var schedule = random.nextInt(6) == 0 ? fleet.db.schedule : web.schedule;
        var due = random.nextBoolean()
                ? fleet.due(web, now())
                : fleet.due(web, now().minus(Duration.ofDays(random.nextInt(20))));
        var job = fleet.announce(web, schedule, due);
        if (random.nextInt(3) == 0) {
            fleet.maintain();
        }
        fleet.finish(
                web, schedule, job, due, snapshotId, random.nextInt(3) == 0 ? JobStatus.PARTIAL : JobStatus.SUCCEEDED);
    }

    private void fillPast() throws Exception {
        if (random.nextBoolean()) {
            silence();
        }
        for (int day = 0; day < 8; day++) {
            var due = fleet.due(web, now().minus(Duration.ofDays(day)));
            var snapshot = forge(due.plusSeconds(random.nextInt(7_200)), web.name(), web.tag());
            var job = fleet.announce(web, web.schedule, due);
            fleet.finish(web, web.schedule, job, due, snapshot, JobStatus.SUCCEEDED);
        }
    }

    private void tag() throws Exception {
        var schedule = random.nextBoolean() ? fleet.db.tag() : web.tag();
        repository.everyday("tag", random.nextBoolean() ? "--add" : "--set", schedule, any());
    }

    private void copy() throws Exception {
        var original = any();
        var copy = repository.read(original);
        if (random.nextBoolean()) {
            copy.put("original", original);
        }
        report(repository.upload("snapshots", copy));
    }

    private void delete() throws Exception {
        switch (random.nextInt(4)) {
            case 0 -> repository.everyday("forget", "--keep-last=1", "--group-by=");
            case 1 -> repository.everyday("forget", "--prune", any(), any());
            case 2 -> repository.everyday("prune", "--max-unused=0");
            default -> {
                var junk = "junk".repeat(100).getBytes(StandardCharsets.UTF_8);
                for (var kind : List.of("snapshots", "data", "index", "keys")) {
                    var name = repository.files(kind).keySet().iterator().next();
                    refused("DELETE", kind + "/" + name, new byte[0]);
                    refused("POST", kind + "/" + name, junk);
                }
                refused("DELETE", "config", new byte[0]);
                refused("POST", "config", junk);
                refused("DELETE", "", new byte[0]);
                refused("PUT", "snapshots/" + any(), junk);
                repository.http("POST", "?create=true", new byte[0]);
            }
        }
    }

    private void refused(String method, String path, byte[] body) throws Exception {
        int status = repository.http(method, path, body);
        if (!REFUSED.contains(status)) {
            throw new AssertionError(method + " " + path + ": " + status);
        }
    }

    private void keys() throws Exception {
        var password = fleet.file("password", "another");
        repository.everyday("key", "add", "--new-password-file=" + password);
        repository.everyday("key", "passwd", "--new-password-file=" + password);
        repository.everyday(
                "key", "remove", repository.files("keys").keySet().iterator().next());
    }

    private void locks() throws Exception {
        if (random.nextBoolean()) {
            repository.everyday("unlock", "--remove-all");
        } else {
            var lock = JsonNodeFactory.instance.objectNode();
            lock.put("time", now().toString()).put("exclusive", true).put("hostname", fleet.db.name());
            lock.put("username", "root").put("pid", 1);
            repository.upload("locks", lock);
        }
    }

    private void lie() throws Exception {
        switch (random.nextInt(6)) {
            case 0 -> fleet.report(web, List.of(), true);
            case 1 -> fleet.send(web, new ToServer.SnapshotsReport(fleet.nextSequence(), now(), List.of()));
            case 2 -> {
                var forged = repository.read(any()).put("id", "%064x".formatted(random.nextLong() >>> 1));
                forged.put("time", now().minus(Duration.ofDays(30)).toString());
                forged.putArray("tags").add(web.tag());
                fleet.report(web, List.of(ListedSnapshots.snapshot(forged)), true);
            }
            case 3 ->
                fleet.send(
                        web,
                        new ToServer.PolicyReport(AttackedFleet.policy(new LeastKept(0, new PolicyDuration("1m")))));
            case 4 -> {
                var forget = fleet.lastForget();
                if (forget.isPresent()) {
                    var id = forget.get().jobId();
                    fleet.send(web, new ToServer.RetentionAsk(id, fleet.repositoryId, 1));
                    fleet.send(web, new ToServer.CredentialsAsk(id));
                    fleet.send(web, fleet.ended(id.value(), JobKind.FORGET));
                }
            }
            default ->
                fleet.send(
                        web,
                        new ToServer.Heartbeat(now().plus(Duration.ofDays(400)), Optional.empty(), Optional.empty()));
        }
    }

    private void silence() throws Exception {
        web.agent.abort();
        web.identity.awaitStatus("offline");
        fleet.server.clock().advance(Duration.ofMinutes(random.nextInt(600)));
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            forge(now().minusSeconds(random.nextInt(40_000)), web.name(), web.tag());
        }
        if (random.nextBoolean()) {
            fleet.maintain();
        }
        web.agent = web.identity.connectInSync();
    }
}
