package io.resticfleet.server.page.repository;

import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.rotation.RotationView;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The change of a repository's password.
 *
 * @param wrong error messages by field
 */
record PasswordScreen(RepositoryFrame frame, Fragment<Progress> progress, Map<String, String> wrong)
        implements PageModel {

    /**
     * How far the last change is.
     *
     * @param path of the page
     * @param rotation absent if there was none
     */
    record Progress(String path, Optional<RotationView> rotation) {

        /** Whether the password of the repository has not been replaced yet. */
        boolean pending() {
            return rotation.filter(view ->
                            view.phase().equals("adding") || view.phase().equals("proving"))
                    .isPresent();
        }

        /** Whether something can be tried again. */
        boolean open() {
            return pending()
                    || rotation.filter(view -> view.phase().equals("removing")).isPresent();
        }

        /** This, without a change that is over. */
        Progress unlessOver() {
            return new Progress(path, rotation.filter(view -> open()));
        }

        String tone() {
            return rotation.map(PasswordWords::tone).orElse("");
        }

        String words() {
            return rotation.map(PasswordWords::of).orElse("");
        }
    }

    @Override
    public String template() {
        return "repository/password.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return List.of(progress);
    }
}
