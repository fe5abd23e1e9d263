package io.resticfleet.server.page.frame;

import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StorageTrouble;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.web.Assets;
import java.util.List;
import java.util.Optional;

/**
 * What is around every page.
 *
 * @param section of the navigation that is current, such as {@code machines}; empty for none
 * @param username empty if nobody is signed in
 * @param url of this server, as the viewer reaches it
 * @param api where a program finds what the page shows, such as {@code /api/hosts}; empty if nowhere
 * @param notes about what led here
 * @param trouble with the server's disk or database, live where anything is
 */
public record Frame(
        String title,
        String section,
        String username,
        Viewer viewer,
        Assets assets,
        String url,
        String api,
        List<Toast> notes,
        Fragment<Optional<StorageTrouble>> trouble) {

    /** Shown on every page. */
    public static Fragment<Optional<StorageTrouble>> trouble(Database db, Viewer viewer) {
        return new Fragment<>("trouble", "frame/trouble.jte", db.trouble(), viewer);
    }

    boolean signedIn() {
        return !username.isEmpty();
    }

    /** The same, where a program finds this instead. */
    public Frame showing(String otherApi) {
        return new Frame(title, section, username, viewer, assets, url, otherApi, notes, trouble);
    }
}
