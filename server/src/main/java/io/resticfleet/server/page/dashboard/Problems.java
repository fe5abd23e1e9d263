package io.resticfleet.server.page.dashboard;

import io.resticfleet.server.page.repository.RepositoryWords;
import io.resticfleet.server.repository.RepositoryView;
import io.resticfleet.server.retention.RetentionOverview;
import io.resticfleet.server.status.HostStatus;
import java.util.List;

/** What needs attention besides machines. */
record Problems(List<Problem> problems) {

    /** One of {@code bad warn}. */
    String tone() {
        return problems.stream().anyMatch(Problem::bad) ? "bad" : "warn";
    }

    /** How many are shown of each kind. */
    static final int MOST = 10;

    /** @param words after the name, such as {@code damaged} */
    record Problem(String link, String name, String words, String advice, boolean bad) {}

    static Problem of(RepositoryView repository) {
        return new Problem(
                "/repositories/" + repository.id(),
                "Repository " + repository.name(),
                RepositoryWords.status(repository),
                RepositoryWords.advice(repository),
                RepositoryWords.tone(repository).equals("bad"));
    }

    static Problem of(RetentionOverview.Waiting waiting) {
        return new Problem(
                "/hosts/" + waiting.hostId() + "/schedules/" + waiting.scheduleId() + "/retention",
                "Retention of " + waiting.schedule() + " on " + waiting.host(),
                "nothing is removed, as " + waiting.hold().cause().text(),
                "",
                false);
    }

    static Problem untrusted(HostStatus host) {
        return new Problem(
                "/hosts/" + host.host().id() + "/settings#trust",
                host.host().name(),
                "not trusted",
                "What it makes does not count, and none of its snapshots are removed.",
                false);
    }
}
