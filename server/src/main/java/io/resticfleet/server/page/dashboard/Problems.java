package io.resticfleet.server.page.dashboard;

import io.resticfleet.server.page.repository.RepositoryWords;
import io.resticfleet.server.repository.RepositoryView;
import java.util.List;

/** What needs attention besides machines. */
record Problems(List<Problem> problems) {

    /** How many are shown of each kind. */
    static final int MOST = 10;

    /** @param words after the name, such as {@code damaged} */
    record Problem(String link, String name, String words, String advice) {}

    static Problem of(RepositoryView repository) {
        return new Problem(
                "/repositories/" + repository.id(),
                "Repository " + repository.name(),
                RepositoryWords.status(repository),
                RepositoryWords.advice(repository));
    }
}
