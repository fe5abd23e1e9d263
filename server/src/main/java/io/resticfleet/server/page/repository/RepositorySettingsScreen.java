package io.resticfleet.server.page.repository;

import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.repository.RepositoryView;
import java.util.List;
import java.util.Map;

/**
 * The settings of a repository: name, location and credentials, and removal.
 *
 * @param name value of the form field
 * @param expected what is expected of it, as typed
 * @param others hosts that could use it too
 * @param wrong error messages by field
 */
record RepositorySettingsScreen(
        RepositoryFrame frame,
        Fragment<PendingChange> pending,
        String name,
        RepositoryExpectationsForm expected,
        RepositoryForm form,
        List<RepositoryView.User> others,
        Map<String, String> wrong)
        implements PageModel {

    RepositorySettingsScreen withExpectations(RepositoryExpectationsForm typed) {
        return new RepositorySettingsScreen(frame, pending, name, typed, form, others, wrong);
    }

    @Override
    public String template() {
        return "repository/settings.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return List.of(pending);
    }
}
