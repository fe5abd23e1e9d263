package io.resticfleet.server.retention;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A repository, and a server that keeps records of its hosts; in memory, at times that the test sets. */
final class SimulatedLedger {

    private static final char[] DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();

    private final SlotRetention rule;
    private final RemovalFloor leastKept;
    private final Map<HostId, List<Gap>> gaps = new HashMap<>();
    private final Map<ScheduleId, HostId> owners = new LinkedHashMap<>();
    private final Map<ScheduleId, DueTimes> dueTimes = new HashMap<>();
    private final Map<ScheduleId, Map<String, Binding>> bindings = new HashMap<>();
    private final Map<ScheduleId, ScheduleRecord> records = new HashMap<>();
    private final Map<JobId, Announced> jobs = new LinkedHashMap<>();
    private final Map<String, Claim> claims = new LinkedHashMap<>();
    private final Map<String, Written> repository = new LinkedHashMap<>();
    private final List<Written> unlisted = new ArrayList<>();
    private final Map<String, Sighting> seen = new LinkedHashMap<>();
    private final Map<String, Unknown> reasons = new HashMap<>();
    private Optional<Instant> lastListing = Optional.empty();
    private Instant now = Instant.EPOCH;
    private int ids;

    SimulatedLedger(SlotRetention rule, RemovalFloor leastKept) {
        this.rule = rule;
        this.leastKept = leastKept;
    }

    /** A snapshot in the repository, with its tags for schedules. */
    record Written(String id, Instant time, List<String> tags) {}

    /** The first message about a run. */
    record Announced(JobId id, HostId host, ScheduleId schedule, Instant at, Optional<Instant> click) {}

    void at(Instant time) {
        now = time.isAfter(now) ? time : now;
    }

    Instant now() {
        return now;
    }

    HostId addHost() {
        var host = new HostId(ulid());
        gaps.put(host, new ArrayList<>());
        return host;
    }

    ScheduleId addSchedule(HostId host, Terms terms) {
        var schedule = new ScheduleId(ulid());
        owners.put(schedule, host);
        dueTimes.put(schedule, new DueTimes(List.of(terms)));
        bindings.put(schedule, new LinkedHashMap<>());
        return schedule;
    }

    void disconnect(HostId host) {
        if (isConnected(host)) {
            gaps.get(host).add(new Gap(now, Optional.empty(), Optional.empty()));
            records.clear();
        }
    }

    void connect(HostId host) {
        if (!isConnected(host)) {
            var list = gaps.get(host);
            list.add(new Gap(list.remove(list.size() - 1).from(), Optional.of(now), Optional.empty()));
            records.clear();
        }
    }

    /** The agent has reported everything. */
    void drained(HostId host) {
        var list = gaps.get(host);
        if (isConnected(host)
                && !list.isEmpty()
                && list.get(list.size() - 1).drained().isEmpty()) {
            var gap = list.remove(list.size() - 1);
            list.add(new Gap(gap.from(), gap.until(), Optional.of(now)));
            records.clear();
        }
    }

    boolean isConnected(HostId host) {
        var list = gaps.get(host);
        return list.isEmpty() || list.get(list.size() - 1).until().isPresent();
    }

    JobId click(ScheduleId schedule) {
        var job = new JobId(ulid());
        jobs.put(job, new Announced(job, owners.get(schedule), schedule, now, Optional.of(now)));
        return job;
    }

    /** The agent announces a run of a schedule that it names. */
    JobId announce(HostId host, ScheduleId schedule) {
        var job = new JobId(ulid());
        jobs.put(job, new Announced(job, host, schedule, now, Optional.empty()));
        return job;
    }

    String write(Instant time, List<String> tags) {
        var id = "%064x".formatted((++ids * 0x9E3779B97F4A7C15L) >>> 1);
        var written = new Written(id, time, tags);
        repository.put(id, written);
        unlisted.add(written);
        return id;
    }

    static List<String> tags(ScheduleId schedule) {
        return List.of(Schedule.TAG_PREFIX + schedule);
    }

    /** The agent reports the result of a run; the first one counts. */
    void finish(HostId host, JobId job, String snapshotId, JobStatus status) {
        var run = jobs.remove(job);
        if (run == null || !run.host().equals(host)) {
            return;
        }
        var claim = new Claim(job, host, run.schedule(), run.at(), run.click(), status, snapshotId, now);
        claims.put(snapshotId + job, claim);
        bind();
    }

    /** A complete listing by the maintainer. */
    void list() {
        for (var written : unlisted) {
            seen.put(written.id(), new Sighting(written.id(), now, lastListing, written.time(), written.tags()));
        }
        unlisted.clear();
        lastListing = Optional.of(now);
        bind();
    }

    private void bind() {
        claims.values().removeIf(claim -> {
            var sighting = seen.get(claim.snapshotId());
            if (sighting == null || !owners.containsKey(claim.schedule())) {
                return false;
            }
            var record = record(claim.schedule());
            var counting = rule.bind(record, claim, sighting);
            if (counting instanceof Binding binding) {
                record.add(binding);
                bindings.get(claim.schedule()).put(binding.snapshotId(), binding);
            } else if (counting instanceof Unknown unknown) {
                reasons.put(claim.snapshotId(), unknown);
            }
            return true;
        });
    }

    /** What retention would remove now if nobody held it. */
    List<String> removable(ScheduleId schedule) {
        return plan(schedule).remove();
    }

    RetentionPlan plan(ScheduleId schedule) {
        var record = record(schedule);
        var listed = repository.keySet().stream()
                .map(seen::get)
                .filter(sighting -> sighting != null)
                .filter(sighting ->
                        record.binding(sighting.snapshotId()).isPresent() || sighting.isTaggedOnly(schedule))
                .toList();
        return rule.plan(
                record,
                new Situation(now, listed, leastKept, List.of(), Optional.of(now), Optional.empty(), Optional.empty()));
    }

    void remove(List<String> snapshotIds) {
        snapshotIds.forEach(repository::remove);
    }

    private ScheduleRecord record(ScheduleId schedule) {
        return records.computeIfAbsent(
                schedule,
                id -> new ScheduleRecord(
                        id,
                        owners.get(id),
                        dueTimes.get(id),
                        gaps.get(owners.get(id)),
                        bindings.get(id).values()));
    }

    DueTimes dueTimes(ScheduleId schedule) {
        return dueTimes.get(schedule);
    }

    Optional<Binding> binding(ScheduleId schedule, String snapshotId) {
        return Optional.ofNullable(bindings.get(schedule).get(snapshotId));
    }

    Optional<Unknown> reason(String snapshotId) {
        return Optional.ofNullable(reasons.get(snapshotId));
    }

    List<ScheduleId> schedules() {
        return List.copyOf(owners.keySet());
    }

    HostId owner(ScheduleId schedule) {
        return owners.get(schedule);
    }

    /** Runs that were announced or clicked, and have no result. */
    List<Announced> open() {
        return List.copyOf(jobs.values());
    }

    boolean has(String snapshotId) {
        return repository.containsKey(snapshotId);
    }

    Optional<Sighting> sighting(String snapshotId) {
        return Optional.ofNullable(seen.get(snapshotId));
    }

    List<Written> snapshots() {
        return List.copyOf(repository.values());
    }

    private String ulid() {
        var text = new StringBuilder();
        for (int n = ++ids; text.length() < 26; n /= 32) {
            text.insert(0, DIGITS[n % 32]);
        }
        return text.toString();
    }
}
