package io.resticfleet.server.page.addhost;

import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.page.frame.Frame;
import io.resticfleet.server.page.repository.RepositoryForm;
import io.resticfleet.server.page.text.English;
import io.resticfleet.server.repository.RepositoryView;
import java.util.List;
import java.util.Map;

/**
 * The form for a new machine.
 *
 * @param known repositories that it can use
 * @param knownChosen whether one of them is to be chosen, instead of a new one entered
 * @param form of a new repository
 * @param typed values of the other fields
 * @param wrong error messages by form field
 */
record AddHostScreen(
        Frame frame,
        List<Known> known,
        boolean knownChosen,
        RepositoryForm form,
        Map<String, String> typed,
        Map<String, String> wrong) {

    /** @param words its name, and the machines that use it */
    record Known(RepositoryId id, String words) {

        private static final int NAMED = 3;

        static Known of(RepositoryView repository) {
            var hosts =
                    repository.hosts().stream().map(RepositoryView.User::name).toList();
            return new Known(
                    repository.id(),
                    hosts.isEmpty() ? repository.name() : English.some(hosts, NAMED) + " · " + repository.name());
        }
    }

    String get(String field) {
        return typed.getOrDefault(field, "");
    }

    /** Value of {@code aria-invalid}; null leaves the attribute out. */
    String invalid(String field) {
        return wrong.containsKey(field) ? "true" : null;
    }
}
