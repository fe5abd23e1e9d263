package io.resticfleet.server.page.account;

import io.resticfleet.server.auth.ApiToken;
import io.resticfleet.server.page.frame.Frame;
import io.resticfleet.server.page.hostsettings.AgentsNote;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One's own account, and tokens for programs.
 *
 * @param minted a token just made, shown this once; empty otherwise
 * @param typed by field: what is in the forms; no passwords
 * @param wrong by field: what is wrong with it
 * @param newestCopy when the server copied its database last; empty if it never did
 * @param done what was just done; empty if nothing was
 */
record SettingsScreen(
        Frame frame,
        List<ApiToken> tokens,
        String minted,
        Map<String, String> typed,
        Map<String, String> wrong,
        String done,
        Optional<Instant> newestCopy,
        AgentsNote agents) {

    /** For attributes: whether a field is wrong. */
    String invalid(String field) {
        return wrong.containsKey(field) ? "true" : null;
    }
}
