package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.resticfleet.agent.restore.FreeSpace;
import io.resticfleet.agent.restore.RestoreRequest;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Overwrite;
import io.resticfleet.protocol.PermissionReport;
import io.resticfleet.protocol.PermissionReport.Answer;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.RestoreTarget;
import io.resticfleet.protocol.SnapshotPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores where something is already, by the newest restic: what is allowed, what is refused, and what is changed. */
@Tag("slow")
class RestoreInPlaceTest {

    private static final String FILES = """
            mkdir -p docs/sub; echo one >docs/one; echo two >docs/two; echo three >docs/sub/three
            chmod 700 docs; touch -d 2001-02-03 docs docs/one docs/two
            """;

    private static final String EVERYWHERE = "{\"restore_in_place\":true,\"restore_roots\":[\"%s\"]}";

    @TempDir
    Path root;

    private RestoreHarness harness;

    @BeforeEach
    void start() throws Exception {
        var newer = RestoreHarness.newer();
        assumeThat(newer).as("scripts/newer-restic.sh fetches one").isNotEmpty();
        harness = new RestoreHarness(root, newer.get(0), FILES);
        Files.createDirectory(root.resolve("out"));
    }

    @AfterEach
    void stop() {
        if (harness != null) {
            harness.close();
        }
    }

    private void allowEverything() {
        harness.policy(EVERYWHERE.formatted(root.resolve("out")));
    }

    private PermissionReport ask(Restore restore) {
        return harness.jobs.restores.permission(new RestoreRequest(Optional.empty(), restore), "web-01, yesterday");
    }

    private Restore inPlace(Overwrite overwrite, SnapshotPath... paths) {
        return harness.to(RestoreTarget.IN_PLACE, overwrite, paths);
    }

    private Path file(String name) {
        return harness.source.resolve(name);
    }

    @Test
    void a_lost_file_comes_back_and_nothing_else_changes() throws Exception {
        allowEverything();
        Files.delete(file("docs/one"));
        Files.writeString(file("docs/two"), "mine, and longer");
        var old = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
        Files.setLastModifiedTime(harness.source, old);
        RestoreHarness.shell(harness.source, "chmod 755 docs; touch -d 2019-01-01 docs");

        var end = harness.run(inPlace(Overwrite.NEVER, harness.path("docs/one"), harness.path("docs/two")));

        assertThat(end.status()).as(end + harness.log(end)).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(file("docs/one")).hasContent("one");
        assertThat(file("docs/two")).hasContent("mine, and longer");
        assertThat(Files.getLastModifiedTime(file("docs/one")).toInstant()).isEqualTo("2001-02-03T00:00:00Z");
        assertThat(Files.getLastModifiedTime(harness.source)).isEqualTo(old);
        assertThat(RestoreHarness.shell(harness.source, "stat -c '%a %y' docs")).startsWith("755 2019-01-01");
        var figures = harness.figures(end);
        assertThat(figures.kept()).isEqualTo(1);
        assertThat(figures.failed()).isZero();
        assertThat(figures.target()).contains("/");
    }

    @Test
    void what_is_overwritten_and_removed_is_what_was_chosen_and_a_dry_run_says_it_before() throws Exception {
        allowEverything();
        Files.writeString(file("docs/two"), "changed");
        Files.writeString(file("docs/new"), "new");
        Files.writeString(harness.source.resolve("beside"), "beside");
        Files.delete(file("docs/sub/three"));
        var dry = new Restore(
                harness.snapshot,
                inPlace(Overwrite.IF_CHANGED, harness.path("docs")).paths(),
                RestoreTarget.IN_PLACE,
                Overwrite.IF_CHANGED,
                true,
                true,
                false);

        var told = harness.run(dry);
        var log = harness.log(told);

        assertThat(told.status()).as(told + log).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(log)
                .contains(
                        "would overwrite " + file("docs/two"),
                        "would remove " + file("docs/new"),
                        "would restore " + file("docs/sub/three"))
                .doesNotContain("would restore " + root + "\n", "would restore " + file("docs/one"));
        assertThat(file("docs/new")).exists();
        assertThat(file("docs/sub/three")).doesNotExist();

        var end = harness.run(
                new Restore(dry.snapshotId(), dry.paths(), dry.target(), dry.overwrite(), true, false, false));

        assertThat(end.status()).as(end + harness.log(end)).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(file("docs/two")).hasContent("two");
        assertThat(file("docs/sub/three")).hasContent("three");
        assertThat(file("docs/new")).doesNotExist();
        assertThat(harness.source.resolve("beside")).exists();
        assertThat(harness.figures(end).removed())
                .isEqualTo(harness.figures(told).removed());
    }

    @Test
    void the_owner_approves_exactly_one_restore_for_an_hour() throws Exception {
        Files.delete(file("docs/one"));
        var wanted = inPlace(Overwrite.NEVER, harness.path("docs/one"));

        var unasked = harness.run(wanted);
        var asked = ask(wanted);
        var again = ask(wanted);
        var pending = harness.jobs
                .restores
                .approvals()
                .find(" "
                        + asked.approveCode()
                                .orElseThrow()
                                .toLowerCase(Locale.ROOT)
                                .replace("-", " "))
                .orElseThrow();
        harness.jobs.restores.approvals().approve(pending);
        var allowed = ask(wanted);
        var other = ask(inPlace(Overwrite.ALWAYS, harness.path("docs/one")));
        var otherJob = harness.run(inPlace(Overwrite.ALWAYS, harness.path("docs/one")));
        var end = harness.run(wanted);
        var twice = harness.run(wanted);

        assertThat(unasked.errorCode()).contains(ErrorCode.RESTORE_NOT_ALLOWED.reported());
        assertThat(unasked.error().orElseThrow()).contains("restore_in_place in " + root + "/policy.json");
        assertThat(asked.permission()).isEqualTo(Answer.NEEDS_APPROVAL);
        assertThat(asked.approveCode().orElseThrow()).matches("[A-Z]{4}-[A-Z]{4}");
        assertThat(again.approveCode()).isEqualTo(asked.approveCode());
        assertThat(pending.request().restore()).isEqualTo(wanted);
        assertThat(pending.origin()).isEqualTo("web-01, yesterday");
        assertThat(allowed.permission()).isEqualTo(Answer.ALLOWED);
        assertThat(other.permission()).isEqualTo(Answer.NEEDS_APPROVAL);
        assertThat(otherJob.errorCode()).contains(ErrorCode.RESTORE_NOT_ALLOWED.reported());
        assertThat(end.status()).as(end + harness.log(end)).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(file("docs/one")).hasContent("one");
        assertThat(twice.errorCode()).contains(ErrorCode.RESTORE_NOT_ALLOWED.reported());

        var late = ask(wanted).approveCode().orElseThrow();
        harness.jobs
                .restores
                .approvals()
                .approve(harness.jobs.restores.approvals().find(late).orElseThrow());
        harness.jobs.ahead = Duration.ofMinutes(61);
        assertThat(ask(wanted).permission()).isEqualTo(Answer.NEEDS_APPROVAL);
    }

    @Test
    void a_hostile_server_cannot_fill_the_list_of_requests() {
        for (int i = 0; i < 20; i++) {
            assertThat(ask(inPlace(Overwrite.NEVER, SnapshotPath.of("/etc/" + i)))
                            .permission())
                    .isEqualTo(Answer.NEEDS_APPROVAL);
        }

        assertThat(ask(inPlace(Overwrite.NEVER, SnapshotPath.of("/etc/20"))).permission())
                .isEqualTo(Answer.REFUSED);
        harness.jobs.ahead = Duration.ofHours(25);
        assertThat(ask(inPlace(Overwrite.NEVER, SnapshotPath.of("/etc/20"))).permission())
                .isEqualTo(Answer.NEEDS_APPROVAL);
    }

    @Test
    void files_go_below_an_allowed_root_only() throws Exception {
        allowEverything();
        var out = root.resolve("out");
        var inside = harness.run(
                harness.to(RestoreTarget.folder(out + "/new/place"), Overwrite.NEVER, harness.path("docs/one")));
        var outside = harness.run(
                harness.to(RestoreTarget.folder(root + "/outside"), Overwrite.NEVER, harness.path("docs/one")));
        Files.createSymbolicLink(out.resolve("link"), root);
        var byLink = harness.run(
                harness.to(RestoreTarget.folder(out + "/link/x"), Overwrite.NEVER, harness.path("docs/one")));
        RestoreHarness.shell(out, "chmod 777 .");
        var shared = harness.run(
                harness.to(RestoreTarget.folder(out + "/shared"), Overwrite.NEVER, harness.path("docs/one")));

        assertThat(inside.status()).as(inside + harness.log(inside)).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(Path.of(out + "/new/place" + file("docs/one"))).hasContent("one");
        assertThat(outside.errorCode()).contains(ErrorCode.RESTORE_NOT_ALLOWED.reported());
        assertThat(root.resolve("outside")).doesNotExist();
        assertThat(byLink.errorCode()).contains(ErrorCode.UNSAFE_TARGET.reported());
        assertThat(byLink.error().orElseThrow()).contains(out + "/link is a symbolic link");
        assertThat(shared.errorCode()).contains(ErrorCode.RESTORE_NOT_ALLOWED.reported());
        assertThat(shared.error().orElseThrow()).endsWith("others than root and the agent can change " + out);
        assertThat(out.resolve("shared")).doesNotExist();
    }

    @Test
    void nothing_is_written_through_a_link_nor_into_the_agents_own_directory() throws Exception {
        allowEverything();
        var elsewhere = Files.createDirectory(root.resolve("elsewhere"));
        RestoreHarness.shell(harness.source, "rm -r docs/sub; ln -s " + elsewhere + " docs/sub");

        var below = harness.run(inPlace(Overwrite.ALWAYS, harness.path("docs")));
        var through = harness.run(inPlace(Overwrite.ALWAYS, harness.path("docs/sub/three")));
        var own = harness.run(harness.to(
                RestoreTarget.folder(harness.jobs.state.root() + "/jobs"), Overwrite.NEVER, harness.path("docs")));
        var system = ask(harness.to(RestoreTarget.folder("/proc/self"), Overwrite.NEVER, harness.path("docs")));
        var deleting = ask(new Restore(
                harness.snapshot,
                List.of(SnapshotPath.of(root.toString())),
                RestoreTarget.IN_PLACE,
                Overwrite.NEVER,
                true,
                false,
                false));

        assertThat(below.errorCode()).as(below + "").contains(ErrorCode.UNSAFE_TARGET.reported());
        assertThat(below.error().orElseThrow()).contains(file("docs/sub") + " is a directory in the snapshot");
        assertThat(through.errorCode()).contains(ErrorCode.UNSAFE_TARGET.reported());
        assertThat(elsewhere).isEmptyDirectory();
        assertThat(own.errorCode()).contains(ErrorCode.UNSAFE_TARGET.reported());
        assertThat(system.permission()).isEqualTo(Answer.REFUSED);
        assertThat(deleting.permission()).isEqualTo(Answer.REFUSED);
        assertThat(deleting.reason().orElseThrow()).contains("has in it the agent's own");
    }

    @Test
    void an_owner_who_allows_no_questions_can_approve_and_gives_nothing_away_before() throws Exception {
        harness.policy("{'questions':'off'}".replace('\'', '"'));
        var linked = Files.createSymbolicLink(root.resolve("linked"), Files.createDirectory(root.resolve("there")));
        var wanted = harness.to(RestoreTarget.folder(linked.toString()), Overwrite.NEVER, harness.path("docs"));

        var asked = ask(wanted);

        assertThat(asked.permission()).isEqualTo(Answer.NEEDS_APPROVAL);
        assertThat(asked.remarks()).isEmpty();
        assertThat(asked.reason().orElseThrow()).doesNotContain("symbolic link");
        var approvals = harness.jobs.restores.approvals();
        approvals.approve(approvals.find(asked.approveCode().orElseThrow()).orElseThrow());
        assertThat(ask(wanted).permission()).isEqualTo(Answer.ALLOWED);
        assertThat(harness.run(wanted).errorCode()).contains(ErrorCode.UNSAFE_TARGET.reported());
    }

    @Test
    void restic_is_stopped_before_the_disk_is_full() throws Exception {
        allowEverything();
        var restores = harness.jobs.state.root().resolve("restores");
        harness.jobs.space = path -> new FreeSpace.Space(Files.exists(restores) ? 1 << 20 : 1L << 40, 1L << 40);

        var end = harness.run(harness.toNewFolder(harness.path("docs")));

        assertThat(end.errorCode()).as(end + harness.log(end)).contains(ErrorCode.NO_SPACE.reported());
        assertThat(end.error().orElseThrow()).contains(harness.incomplete(end).toString());
        eventually(() -> assertThat(harness.incomplete(end)).isDirectory());
    }

    @Test
    void the_list_of_a_snapshot_does_not_fill_the_agents_disk() throws Exception {
        harness.jobs.space = path -> new FreeSpace.Space(1 << 20, 1L << 40);

        var end = harness.run(harness.toNewFolder(harness.path("docs")));

        assertThat(end.errorCode()).as(end + harness.log(end)).contains(ErrorCode.NO_SPACE.reported());
        assertThat(harness.incomplete(end)).doesNotExist();
    }
}
