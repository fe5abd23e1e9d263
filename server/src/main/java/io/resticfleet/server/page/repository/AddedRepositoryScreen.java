package io.resticfleet.server.page.repository;

import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.page.frame.Frame;

/**
 * A repository that was added.
 *
 * @param repoPassword that was generated
 */
record AddedRepositoryScreen(Frame frame, RepositoryId id, String name, String repoPassword) {

    @Override
    public String toString() {
        return "AddedRepositoryScreen[" + id + "]";
    }
}
