package io.resticfleet.server.page.digest;

import io.resticfleet.server.alert.Alert;
import io.resticfleet.server.channel.DigestEvery;
import io.resticfleet.server.channel.DigestMessage;
import io.resticfleet.server.digest.Digest;
import io.resticfleet.server.page.text.Figures;
import io.resticfleet.server.page.text.StateWords;
import io.resticfleet.server.web.Html;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;

/** Writes digests as messages. */
public final class DigestMails {

    /** Of one list; the others are counted. */
    private static final int MAX_LINES = 20;

    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("d MMMM uuuu HH:mm", Locale.ENGLISH);

    private final Html html;
    private final String serverUrl;
    private final ZoneId zone;

    /**
     * @param serverUrl as people reach this server, without a trailing slash
     * @param zone of the times
     */
    public DigestMails(Html html, String serverUrl, ZoneId zone) {
        this.html = html;
        this.serverUrl = serverUrl;
        this.zone = zone;
    }

    public DigestMessage message(Digest digest) {
        var mail = mail(digest);
        return new DigestMessage(mail.title(), mail.text(), html.render("digest/mail.jte", mail));
    }

    private DigestMail mail(Digest digest) {
        var name = digest.every() == DigestEvery.DAILY ? "Daily digest" : "Weekly digest";
        return new DigestMail(
                name + " of " + DAY.format(digest.until().atZone(zone)) + ": " + state(digest),
                "From " + time(digest.from()) + " to " + time(digest.until()) + " (" + zone + "). "
                        + Figures.count(digest.ok()) + " of " + Figures.count(digest.hosts(), "machine", "machines")
                        + (digest.ok() == 1 ? " is" : " are") + " backed up without a known problem.",
                digest.alerts().isEmpty() ? "ok" : "bad",
                List.of(
                        new DigestMail.Section(
                                "What is wrong",
                                some(digest.alerts(), this::line),
                                digest.acknowledged().isEmpty()
                                        ? "Nothing that this server knows of."
                                        : "Nothing that nobody knows of."),
                        ran(digest),
                        grew(digest),
                        proven(digest),
                        waits(digest)),
                serverUrl + "/");
    }

    private static String state(Digest digest) {
        int wrong = digest.alerts().size();
        return wrong == 0 ? "all is well" : Figures.count(wrong, "thing is wrong", "things are wrong");
    }

    private String time(Instant at) {
        return TIME.format(at.atZone(zone));
    }

    private DigestMail.Line line(Alert alert) {
        return new DigestMail.Line(
                alert.severity().word().toUpperCase(Locale.ROOT) + ": " + alert.text() + " Since " + time(alert.since())
                        + ".",
                serverUrl + alert.path());
    }

    /** Hosts with a problem first. */
    private static DigestMail.Section ran(Digest digest) {
        var lines = new ArrayList<DigestMail.Line>();
        int all = digest.backups().stream().mapToInt(Digest.HostBackups::all).sum();
        if (all > 0) {
            int succeeded = digest.backups().stream()
                    .mapToInt(Digest.HostBackups::succeeded)
                    .sum();
            long added = digest.backups().stream()
                    .mapToLong(Digest.HostBackups::added)
                    .sum();
            lines.add(DigestMail.Line.of(Figures.count(succeeded) + " of " + Figures.count(all, "backup", "backups")
                    + " succeeded, " + Figures.bytes(added) + " of new data."));
        }
        lines.addAll(some(
                Stream.of(true, false)
                        .flatMap(troubled ->
                                digest.backups().stream().filter(host -> host.all() > 0 && troubled != host.whole()))
                        .toList(),
                host -> DigestMail.Line.of(host.host() + ": " + runs(host))));
        digest.others()
                .forEach(kind -> lines.add(DigestMail.Line.of(StateWords.of(kind.kind()) + ": "
                        + Figures.count(kind.succeeded()) + " succeeded"
                        + (kind.others() > 0 ? ", " + Figures.count(kind.others()) + " did not" : "") + ".")));
        return new DigestMail.Section("What ran", lines, "Nothing: no backup ran, and none was due.");
    }

    private static String runs(Digest.HostBackups host) {
        var parts = new ArrayList<String>();
        part(parts, host.succeeded(), "succeeded");
        part(parts, host.partial(), "incomplete");
        part(parts, host.failed(), "failed");
        part(parts, host.missed(), "missed");
        return String.join(", ", parts) + "; " + Figures.bytes(host.added()) + " of new data.";
    }

    private static void part(List<String> parts, int count, String word) {
        if (count > 0) {
            parts.add(Figures.count(count) + " " + word);
        }
    }

    /** Those that grew most first. */
    private static DigestMail.Section grew(Digest digest) {
        var sorted = digest.growth().stream()
                .sorted((one, other) -> Long.compare(grown(other), grown(one)))
                .toList();
        return new DigestMail.Section(
                "What grew",
                some(sorted, one -> DigestMail.Line.of(one.name() + ": " + Figures.bytes(one.now()) + growth(one))),
                "No repository was measured.");
    }

    private static long grown(Digest.Growth one) {
        return one.now() - one.before().orElse(one.now());
    }

    private static String growth(Digest.Growth one) {
        long grown = grown(one);
        if (one.before().isEmpty()) {
            return ", measured for the first time.";
        }
        return grown == 0
                ? ", unchanged."
                : ", " + Figures.bytes(Math.abs(grown)) + (grown > 0 ? " more" : " less") + " than before.";
    }

    private static DigestMail.Section proven(Digest digest) {
        var lines = new ArrayList<DigestMail.Line>();
        if (digest.hosts() > 0) {
            lines.add(DigestMail.Line.of("Restores of " + Figures.count(digest.provenHosts()) + " of "
                    + Figures.count(digest.hosts(), "machine", "machines") + " were proven in the last 30 days."));
        }
        lines.addAll(some(
                digest.unproven(),
                host -> DigestMail.Line.of(host + ": not every backup was ever proven by a restore.")));
        return new DigestMail.Section("What is proven", lines, "Nothing.");
    }

    private DigestMail.Section waits(Digest digest) {
        var lines = new ArrayList<>(some(
                digest.waiting(),
                host -> DigestMail.Line.of(host + ": waits for its first backup, or has no backup schedule.")));
        lines.addAll(some(digest.acknowledged(), alert -> {
            var known = alert.acknowledged().orElseThrow();
            return new DigestMail.Line(
                    alert.text() + " Acknowledged by " + known.by()
                            + known.note().map(note -> ": " + note).orElse("") + ".",
                    serverUrl + alert.path());
        }));
        digest.nextDue().ifPresent(at -> lines.add(DigestMail.Line.of("The next backup is due at " + time(at) + ".")));
        return new DigestMail.Section("What waits", lines, "Nothing.");
    }

    private static <T> List<DigestMail.Line> some(List<T> all, Function<T, DigestMail.Line> line) {
        var lines = new ArrayList<>(all.stream().limit(MAX_LINES).map(line).toList());
        if (all.size() > MAX_LINES) {
            lines.add(DigestMail.Line.of("and " + Figures.count(all.size() - MAX_LINES) + " more"));
        }
        return lines;
    }
}
