package io.resticfleet.agent;

import io.resticfleet.protocol.ToAgent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** Messages of a compromised server: every kind of {@link ToAgent}, with malicious values. */
final class HostileFrames {

    private HostileFrames() {}

    /** Malicious frames by type. The first of each type is well-formed except for its values. */
    static Map<String, List<String>> of(HostileServerHarness harness) {
        var frames = new TreeMap<String, List<String>>();
        var ids = Stream.concat(
                        harness.texts().stream(),
                        Stream.of("../../../outside", "", "0".repeat(26), "Z".repeat(26), "x".repeat(100_000)))
                .toList();
        var times = List.of(
                "2026-03-01T12:00:00Z",
                "+1000000000-12-31T23:59:59.999999999Z",
                "-1000000000-01-01T00:00:00Z",
                "+9999999999-01-01T00:00:00Z",
                "9".repeat(400),
                "1e1000000");
        var numbers = List.of("0", "-1", "9223372036854775807", "-9223372036854775808", "1e99", "\"1\"", "null");

        frames.put(
                "challenge",
                each(
                        harness,
                        harness.texts(),
                        text -> Map.of("type", "challenge", "protocol_version", 1, "nonce", text)));
        frames.put(
                "welcome",
                each(
                        harness,
                        times,
                        time -> Map.of(
                                "type",
                                "welcome",
                                "server_version",
                                harness.texts().get(0),
                                "heartbeat_seconds",
                                -7,
                                "server_time",
                                time,
                                "epoch",
                                "../../outside",
                                "stored_sequence",
                                Long.MAX_VALUE)));
        frames.put(
                "reject",
                each(
                        harness,
                        harness.texts(),
                        text -> Map.of("type", "reject", "code", text, "detail", text, "permanent", false)));
        frames.put("schedule.ask", List.of("{\"type\":\"schedule.ask\",\"file\":\"/etc/shadow\"}"));
        frames.put(
                "error",
                each(
                        harness,
                        harness.texts(),
                        text -> Map.of("type", "error", "code", text, "detail", text + "\n\u001b]0;x\u0007")));
        frames.put(
                "agent.upgrade",
                each(
                        harness,
                        harness.texts(),
                        text -> Map.of(
                                "type", "agent.upgrade", "version", "9.9.9", "sha256", text, "size", Long.MAX_VALUE)));
        frames.put("twin.notice", each(harness, times, time -> Map.of("type", "twin.notice", "since", time)));
        frames.put("snapshots.ask", List.of("{\"type\":\"snapshots.ask\",\"path\":\"/etc/shadow\"}"));
        frames.put(
                "snapshots.wanted",
                Stream.concat(
                                each(
                                        harness,
                                        ids,
                                        id -> Map.of(
                                                "type",
                                                "snapshots.wanted",
                                                "report",
                                                1,
                                                "buckets",
                                                List.of(-1, 0, 255, 256),
                                                "known",
                                                List.of(id)))
                                        .stream(),
                                numbers.stream()
                                        .map(number -> "{\"type\":\"snapshots.wanted\",\"report\":" + number
                                                + ",\"buckets\":[" + number + "],\"known\":[]}"))
                        .toList());
        frames.put(
                "snapshots.stored",
                numbers.stream()
                        .map(number ->
                                "{\"type\":\"snapshots.stored\",\"report\":" + number + ",\"number\":" + number + "}")
                        .toList());
        frames.put(
                "retention.plan",
                each(
                        harness,
                        ids,
                        id -> Map.of(
                                "type", "retention.plan", "job_id", id, "remove", List.of(id, "--prune", "latest"))));
        frames.put(
                "credentials.grant",
                each(
                        harness,
                        ids,
                        id -> Map.of(
                                "type",
                                "credentials.grant",
                                "job_id",
                                id,
                                "repository",
                                Map.of("url", "rclone::x:/", "repo_password", id))));
        frames.put(
                "event.ack",
                numbers.stream()
                        .map(number -> "{\"type\":\"event.ack\",\"sequence\":" + number + "}")
                        .toList());
        frames.put(
                "log.ack",
                each(harness, ids, id -> Map.of("type", "log.ack", "job_id", id, "sequence", Long.MAX_VALUE)));
        frames.put(
                "command.hold", each(harness, ids, id -> Map.of("type", "command.hold", "job_id", id, "reason", id)));
        frames.put(
                "command.refuse",
                each(harness, ids, id -> Map.of("type", "command.refuse", "job_id", id, "reason", id)));
        frames.put("command.cancel", each(harness, ids, id -> Map.of("type", "command.cancel", "job_id", id)));
        frames.put(
                "question",
                Stream.concat(
                                each(
                                        harness,
                                        harness.texts(),
                                        text -> Map.of(
                                                "type",
                                                "question",
                                                "id",
                                                text,
                                                "limit_ms",
                                                60_000,
                                                "ask",
                                                "path",
                                                "path",
                                                "/" + text,
                                                "one_file_system",
                                                false))
                                        .stream(),
                                numbers.stream()
                                        .map(number -> "{\"type\":\"question\",\"id\":\"Q" + number.hashCode()
                                                + "\",\"limit_ms\":" + number
                                                + ",\"ask\":\"path\",\"path\":\"/\",\"one_file_system\":false}"))
                        .toList());
        var reading = new ArrayList<>(frames.get("question"));
        for (var ask : List.of("folder", "dump")) {
            for (var text : harness.texts()) {
                reading.add(harness.json(reading(ask, "5e".repeat(32), "/" + text, "x".repeat(43))));
                reading.add(harness.json(reading(ask, text, "/etc", text)));
            }
        }
        frames.put("question", reading);
        frames.put(
                "tree.wanted",
                Stream.concat(harness.texts().stream(), Stream.of("5e".repeat(32)))
                        .map(text -> harness.json(Map.of(
                                "type",
                                "tree.wanted",
                                "request",
                                text,
                                "snapshot_id",
                                text,
                                "base",
                                text,
                                "transfer",
                                text.length() % 2 == 0 ? "x".repeat(43) : "../" + text)))
                        .toList());
        frames.put("question.cancel", each(harness, ids, id -> Map.of("type", "question.cancel", "id", id)));
        frames.put(
                "config.update",
                each(
                        harness,
                        harness.texts(),
                        text -> Map.of(
                                "type",
                                "config.update",
                                "hostname",
                                text,
                                "repository",
                                Map.of("url", "/srv/" + text, "repo_password", text),
                                "repository_known",
                                false)));
        frames.put(
                "schedule.set",
                Stream.of("1", "2", "1000000", "-1", "9223372036854775807")
                        .flatMap(version -> harness.texts().stream()
                                .map(text -> "{\"type\":\"schedule.set\",\"version\":" + version + ",\"schedules\":["
                                        + harness.json(harness.backup(Map.of(
                                                "id",
                                                text.length() % 2 == 0 ? text : HostileServerHarness.ID,
                                                "cron",
                                                text,
                                                "manual",
                                                false,
                                                "time_zone",
                                                text,
                                                "hooks",
                                                Map.of("pre", text))))
                                        + "]}"))
                        .toList());
        var runs = new ArrayList<>(each(
                harness,
                ids,
                id -> Map.of(
                        "type",
                        "command.run",
                        "job_id",
                        id,
                        "kind",
                        "backup",
                        "trigger",
                        "manual",
                        "schedule",
                        harness.backup(Map.of()))));
        runs.addAll(each(
                harness,
                times,
                time -> Map.of(
                        "type",
                        "command.run",
                        "job_id",
                        harness.newId(),
                        "kind",
                        "backup",
                        "trigger",
                        "cron",
                        "schedule",
                        harness.backup(Map.of()),
                        "due_at",
                        time)));
        for (var kind :
                List.of("init", "unlock", "prune", "check", "snapshots", "forget", "backup", "shell", "restore")) {
            runs.add(harness.json(
                    Map.of("type", "command.run", "job_id", harness.newId(), "kind", kind, "trigger", "manual")));
            runs.add(harness.json(Map.of(
                    "type",
                    "command.run",
                    "job_id",
                    harness.newId(),
                    "kind",
                    kind,
                    "trigger",
                    "auto",
                    "schedule",
                    harness.backup(Map.of("kind", kind)),
                    "command",
                    "touch " + harness.marker())));
        }
        frames.put("command.run", runs);
        return frames;
    }

    private static Map<String, Object> reading(String ask, String snapshotId, String path, String transfer) {
        return Map.of(
                "type",
                "question",
                "id",
                ask + path.hashCode(),
                "limit_ms",
                60_000,
                "ask",
                ask,
                "snapshot_id",
                snapshotId,
                "path",
                path,
                "format",
                "raw",
                "offset",
                0,
                "transfer",
                transfer);
    }

    private static List<String> each(
            HostileServerHarness harness, List<String> values, Function<String, Map<String, Object>> frame) {
        return values.stream().map(frame).map(harness::json).toList();
    }
}
