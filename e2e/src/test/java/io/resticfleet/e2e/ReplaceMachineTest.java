package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A machine that dies, and a new one that takes its place by one command. */
class ReplaceMachineTest {

    @RegisterExtension
    final Fleet fleet = new Fleet();

    @Test
    void a_new_machine_goes_on_from_the_latest_snapshot_and_the_dead_one_is_refused_when_it_comes_back()
            throws Exception {
        var server = fleet.server();
        var source = Sources.large(fleet.directory("files"), 8);
        var dead = fleet.machine(Restic.newest(), source).join();
        var first = server.awaitEnd(server.run(dead.host()));
        assertThat(first.path("status").asText()).isEqualTo("succeeded");
        dead.agent().kill();

        // A fresh root: another state directory, no policy, and the files written again.
        var root = fleet.directory("fresh root");
        rewrite(root, source);
        var fresh =
                new AgentProcess(root, root.resolve("state"), Restic.newest().file());
        var policy = root.resolve("etc/policy.json");
        fresh.policy(policy);
        var line = server.replacement(dead.host());
        assertThat(line.path("command").asText()).endsWith(" --replace");
        var enrolled = fresh.enroll(server.url(), line.path("token").asText());
        assertThat(enrolled.status()).as(enrolled.output()).isZero();
        assertThat(enrolled.output())
                .contains(
                        "Enrolled as " + dead.name() + " (" + dead.host() + ")",
                        "in place of its former machine",
                        "Policy: the strictest one was written");
        assertThat(policy).content().contains("\"hooks\": \"off\"", "\"prune\": \"off\"");
        fresh.start();
        try {
            server.awaitOnline(dead.host());
            var second = server.awaitEnd(server.run(dead.host()));

            assertThat(second.path("status").asText()).as(second.toString()).isEqualTo("succeeded");
            long added = second.path("stats").path("data_added").asLong();
            long all = second.path("stats").path("total_bytes_processed").asLong();
            System.out.println("e2e: replaced machine: " + added + " of " + all + " bytes added");
            assertThat(all).isGreaterThan(8_000_000);
            assertThat(added).isLessThan(all / 100);
            var snapshots = dead.restic().snapshots();
            assertThat(snapshots).hasSize(2);
            assertThat(snapshots.get(1).path("parent").asText())
                    .isEqualTo(snapshots.get(0).path("id").asText());
            assertThat(snapshots.get(1).path("hostname").asText()).isEqualTo(dead.name());

            dead.agent().start();
            eventually(() -> assertThat(dead.agent().log()).contains("the server rejects this agent: replaced"));
            eventually(() -> assertThat(dead.stateDir().resolve("deleted.json"))
                    .content()
                    .contains("\"replaced\""));
            var doctor = dead.agent().command("doctor", List.of());
            assertThat(doctor.output()).contains("another machine has taken the place of this one");
            assertThat(server.status(dead.host())).isEqualTo("online");
            assertThat(server.get("/api/hosts/" + dead.host() + "/replacements")
                            .at("/last/former_refused_at")
                            .asText())
                    .isNotEmpty();
            assertThat(server.request("GET", "/api/audit", null).text())
                    .contains("host.replacement_token", "host.replace");
        } finally {
            fresh.stop();
        }
    }

    @Test
    void the_owners_policy_is_put_in_place_and_a_machine_with_a_policy_keeps_it() throws Exception {
        var server = fleet.server();
        var dead = fleet.machine(Restic.newest(), Sources.small(fleet.directory("files")))
                .enrol();
        var root = fleet.directory("fresh root");
        var own = Files.writeString(root.resolve("own.json"), "{\"hooks\": \"local-only\"}");
        var fresh =
                new AgentProcess(root, root.resolve("state"), Restic.newest().file());
        fresh.policy(root.resolve("etc/policy.json"));
        var token = server.replacement(dead.host()).path("token").asText();

        var wrong = fresh.enroll(
                server.url(),
                token,
                "--policy",
                Files.writeString(root.resolve("wrong"), "{}x").toString());
        assertThat(wrong.status()).isEqualTo(1);
        assertThat(wrong.output()).contains("nothing was sent", "is no policy");
        var right = fresh.enroll(server.url(), token, "--policy", own.toString());
        assertThat(right.status()).as(right.output()).isZero();
        assertThat(root.resolve("etc/policy.json")).hasSameTextualContentAs(own);

        var another =
                new AgentProcess(root, root.resolve("another"), Restic.newest().file());
        another.policy(root.resolve("etc/policy.json"));
        var kept = another.enroll(
                server.url(), server.replacement(dead.host()).path("token").asText());
        assertThat(kept.output()).contains("Policy: the one on this machine applies");
        assertThat(root.resolve("etc/policy.json")).hasSameTextualContentAs(own);
    }

    /** Replaces a directory by a copy: the same contents, times and names, but other files. */
    private static void rewrite(Path directory, Path source) throws IOException, InterruptedException {
        var lost = source.resolveSibling("lost " + source.getFileName());
        Files.move(source, lost);
        var copied = Program.run(directory, Map.of(), List.of("cp", "-a", lost.toString(), source.toString()));
        assertThat(copied.status()).as(copied.output()).isZero();
    }
}
