package io.resticfleet.server.page.alert;

import io.resticfleet.server.alert.Alert;
import io.resticfleet.server.page.text.AlertWords;
import io.resticfleet.server.page.text.Figures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** An alert as pages show it. */
record AlertLine(Alert alert) {

    /** A page of what an alert is about. */
    record Link(String words, String path) {}

    /** One of {@code ok warn bad off}. */
    String tone() {
        return alert.open() ? AlertWords.tone(alert.severity()) : "ok";
    }

    /** Such as {@code Critical}, or that it is over. */
    String state() {
        return alert.open() ? severity() : "Resolved";
    }

    String severity() {
        return AlertWords.of(alert.severity());
    }

    String kind() {
        return AlertWords.of(alert.kind());
    }

    /** What the page is on which something can be done. */
    String button() {
        var path = alert.path();
        return path.startsWith("/jobs/")
                ? "Show the job"
                : path.startsWith("/hosts/")
                        ? "Open the machine"
                        : path.startsWith("/repositories/")
                                ? "Open the repository"
                                : path.startsWith("/channels/") ? "Open the channel" : "Open the page";
    }

    /** How long it lasted; only of one that is over. */
    String lasted() {
        return Figures.duration(
                Duration.between(alert.since(), alert.resolvedAt().orElse(alert.since())));
    }

    /** The pages of what it is about. */
    List<Link> about() {
        var subject = alert.subject();
        var links = new ArrayList<Link>();
        subject.host().ifPresent(host -> links.add(new Link(host.name(), "/hosts/" + host.id())));
        subject.host()
                .ifPresent(host -> subject.schedule()
                        .ifPresent(schedule -> links.add(
                                new Link(schedule.name(), "/hosts/" + host.id() + "/schedules/" + schedule.id()))));
        subject.repository()
                .ifPresent(repository -> links.add(new Link(repository.name(), "/repositories/" + repository.id())));
        return links;
    }
}
