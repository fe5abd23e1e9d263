package io.resticfleet.server.page.schedule;

import io.javalin.http.Context;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Reply;
import io.resticfleet.server.page.host.HostFrames;
import io.resticfleet.server.page.text.PathWords;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the schedule form's paths are on the machine, as its agent answers while the user types. */
public final class PathChecks {

    /** Fits the agent's time limit of 10 s: two at a time, two seconds each. */
    private static final int MAX_PATHS = 8;

    private final Html html;
    private final HostFrames frames;
    private final Questions questions;

    public PathChecks(Html html, HostFrames frames, Questions questions) {
        this.html = html;
        this.frames = frames;
        this.questions = questions;
    }

    /** A POST, so that paths stay out of URLs, which proxies log and limit in length. */
    public void install(Routes routes) {
        routes.form("/hosts/{host}/schedules/paths", Access.USER, this::check);
    }

    /**
     * @param notice why nothing was checked; empty if something was
     * @param more number of paths that were not checked, as there are too many
     */
    record Report(String notice, List<Line> lines, int more) {
        static final Report NONE = new Report("", List.of(), 0);
    }

    /** @param warning whether the path is probably wrong */
    record Line(String path, String words, boolean warning) {}

    private void check(Context ctx) {
        var hostId = frames.status(ctx).host().id();
        var form = ScheduleForm.typed(JobKind.BACKUP, field -> Requests.field(ctx, field));
        var paths = form.lines("paths").stream().distinct().toList();
        var asks = new LinkedHashMap<String, Ask>();
        var invalid = new LinkedHashMap<String, Line>();
        for (var path : paths.subList(0, Math.min(paths.size(), MAX_PATHS))) {
            try {
                asks.put(path, new Ask.Path(path, form.on("one_file_system")));
            } catch (IllegalArgumentException e) {
                invalid.put(path, new Line(path, e.getMessage(), true));
            }
        }
        var replies = questions.ask(hostId, Caller.of(ctx).userId(), List.copyOf(asks.values()));
        html.answer(
                ctx,
                "schedule/paths.jte",
                report(asks, replies, invalid, form.options(new ArrayList<>()), paths.size() - MAX_PATHS));
    }

    private static Report report(
            Map<String, Ask> asks, List<Reply> replies, Map<String, Line> invalid, BackupOptions options, int more) {
        if (!replies.isEmpty()
                && replies.stream().allMatch(reply -> reply instanceof Reply.Failure)
                && replies.stream().distinct().count() == 1) {
            return new Report("Paths: " + PathWords.of(replies.get(0), options), List.copyOf(invalid.values()), 0);
        }
        var lines = new ArrayList<Line>();
        var answers = replies.iterator();
        for (var path : asks.keySet()) {
            var reply = answers.next();
            lines.add(new Line(path, PathWords.of(reply, options), PathWords.warns(reply, options)));
        }
        lines.addAll(invalid.values());
        return new Report("", lines, Math.max(0, more));
    }
}
