package io.resticfleet.server.page.job;

import io.javalin.http.Context;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.job.JobFilter;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.page.frame.Frame;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.page.host.HostFrame;
import io.resticfleet.server.page.host.HostFrames;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.Optional;

/** Lists of jobs: of all hosts, and of one. */
public final class JobListPages {

    private static final int PAGE_SIZE = 50;

    private final LivePages livePages;
    private final Frames frames;
    private final HostFrames hostFrames;
    private final Jobs jobs;
    private final JobLines lines;

    public JobListPages(LivePages livePages, Frames frames, HostFrames hostFrames, Jobs jobs, JobLines lines) {
        this.livePages = livePages;
        this.frames = frames;
        this.hostFrames = hostFrames;
        this.jobs = jobs;
        this.lines = lines;
    }

    public void install(Routes routes) {
        routes.page("/jobs", Access.USER, ctx -> livePages.show(ctx, look -> ofAll(ctx)));
        routes.page("/hosts/{host}/jobs", Access.USER, ctx -> livePages.show(ctx, look -> ofHost(ctx)));
    }

    private JobsScreen ofAll(Context ctx) {
        var frame = frames.of(ctx, "activity", "Activity", "/api/jobs");
        return screen(ctx, frame, Optional.empty(), "/jobs");
    }

    private JobsScreen ofHost(Context ctx) {
        var status = hostFrames.status(ctx);
        var host = hostFrames.of(ctx, status, "jobs", "");
        var frame = host.frame().showing("/api/jobs?host=" + host.hostId());
        return screen(ctx, frame, Optional.of(host), host.path("jobs"));
    }

    private JobsScreen screen(Context ctx, Frame frame, Optional<HostFrame> host, String path) {
        var kind = Requests.query(ctx, "kind").flatMap(JobKind::find);
        var status = Requests.query(ctx, "status").flatMap(JobStatus::find);
        var page = jobs.list(
                new JobFilter(host.map(shown -> shown.hostId().value()), kind, status, Optional.empty()),
                new Page.Request(PAGE_SIZE, Requests.query(ctx, "cursor")));
        var filter = new JobsScreen.Filter(
                kind.map(JobKind::word).orElse(""), status.map(JobStatus::word).orElse(""));
        var older = page.nextCursor()
                .map(cursor -> "?kind=" + filter.kind() + "&status=" + filter.status() + "&cursor=" + cursor)
                .orElse("");
        Viewer viewer = frame.viewer();
        return new JobsScreen(
                frame,
                host,
                filter,
                new Fragment<>(
                        "jobs",
                        "job/list-fragment.jte",
                        new JobsScreen.Shown(path, lines.of(page.items()), older, host.isEmpty()),
                        viewer));
    }
}
