package io.resticfleet.server.page.account;

import io.resticfleet.server.auth.ApiToken;
import io.resticfleet.server.page.frame.Frame;
import io.resticfleet.server.page.hostsettings.AgentsNote;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The settings page.
 *
 * @param cut whether there are more tokens than these
 * @param minted a new token, shown only once; empty otherwise
 * @param typed values by form field; no passwords
 * @param wrong error messages by form field
 * @param newestCopy time of the last copy of the database; absent if there is none
 * @param done confirmation of the last action; empty for none
 */
record SettingsScreen(
        Frame frame,
        List<ApiToken> tokens,
        boolean cut,
        String minted,
        Map<String, String> typed,
        Map<String, String> wrong,
        String done,
        Optional<Instant> newestCopy,
        AgentsNote agents) {

    /** Names of all tokens. */
    String tokenNames() {
        return tokens.stream().map(ApiToken::name).collect(Collectors.joining(", "));
    }

    /** Value of {@code aria-invalid}; null leaves the attribute out. */
    String invalid(String field) {
        return wrong.containsKey(field) ? "true" : null;
    }
}
