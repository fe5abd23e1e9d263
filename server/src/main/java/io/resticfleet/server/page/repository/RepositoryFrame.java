package io.resticfleet.server.page.repository;

import io.resticfleet.server.page.frame.Frame;
import io.resticfleet.server.repository.RepositoryView;

/**
 * The frame of every page of a repository.
 *
 * @param tab the current tab, such as {@code settings}
 */
record RepositoryFrame(Frame frame, String tab, RepositoryView repository) {

    /** The path of a tab, or of what a form of it does. */
    String path(String below) {
        return "/repositories/" + repository.id() + (below.isEmpty() ? "" : "/" + below);
    }
}
