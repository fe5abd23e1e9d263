package io.resticfleet.server.page.repository;

import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.frame.Frame;
import io.resticfleet.server.page.text.English;
import io.resticfleet.server.repository.RepositoryView;
import java.util.List;

/** The list of repositories. */
record RepositoryListScreen(Frame frame, Fragment<Shown> list) implements PageModel {

    /** @param more path of the next page; empty if this is the last */
    record Shown(List<Line> repositories, String more) {}

    /**
     * A repository in the list.
     *
     * @param maintainer name of a host; empty if there is none
     * @param growth in words; empty if it is not known
     */
    record Line(RepositoryView repository, String maintainer, String growth) {

        private static final int NAMED = 3;

        String tone() {
            return RepositoryWords.tone(repository);
        }

        String words() {
            return RepositoryWords.status(repository);
        }

        String advice() {
            return RepositoryWords.advice(repository);
        }

        String kind() {
            return RepositoryKind.of(repository.url()).label();
        }

        /** The machines that use it, in words. */
        String machines() {
            var names =
                    repository.hosts().stream().map(RepositoryView.User::name).toList();
            return names.isEmpty() ? "no machine" : English.some(names, NAMED);
        }

        /** The last check in words; its time follows. */
        String check() {
            return repository
                    .lastCheck()
                    .map(last -> last.ok() ? "passed" : "failed")
                    .orElse("never");
        }
    }

    @Override
    public String template() {
        return "repository/list.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return List.of(list);
    }
}
