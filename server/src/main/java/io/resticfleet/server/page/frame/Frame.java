package io.resticfleet.server.page.frame;

import io.resticfleet.server.db.StorageTrouble;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.web.Assets;
import java.util.List;
import java.util.Optional;

/**
 * The parts that all pages share.
 *
 * @param section current section of the navigation, such as {@code machines}; empty for none
 * @param username empty if nobody is signed in
 * @param url of this server, as the viewer reaches it
 * @param api path of the page's data in the API, such as {@code /api/hosts}; empty if there is none
 * @param notes toasts about the action that led to this page
 * @param trouble with the server's disk or database; a live fragment
 * @param alertCount the number of open alerts; a live fragment
 * @param alerted the most severe of them; a live fragment
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
        Fragment<Optional<StorageTrouble>> trouble,
        Fragment<AlertNote> alertCount,
        Fragment<AlertNote> alerted) {

    boolean signedIn() {
        return !username.isEmpty();
    }

    /** The same frame with another API path. */
    public Frame showing(String otherApi) {
        return new Frame(title, section, username, viewer, assets, url, otherApi, notes, trouble, alertCount, alerted);
    }
}
