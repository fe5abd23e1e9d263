package io.resticfleet.server.page.repository;

/**
 * A repository whose password is being changed.
 *
 * @param repoPassword that was generated
 */
record ChangedPasswordScreen(RepositoryFrame frame, String repoPassword) {

    @Override
    public String toString() {
        return "ChangedPasswordScreen[" + frame.repository().id() + "]";
    }
}
