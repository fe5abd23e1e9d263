package io.resticfleet.server.page.account;

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
 * @param form of a new token, as it was sent
 * @param wrong error messages by form field
 * @param newestCopy time of the last copy of the database; absent if there is none
 * @param done confirmation of the last action; empty for none
 */
record SettingsScreen(
        Frame frame,
        List<TokenLine> tokens,
        boolean cut,
        String minted,
        TokenForm form,
        Map<String, String> wrong,
        String done,
        Optional<Instant> newestCopy,
        AgentsNote agents) {

    /** Names of all tokens. */
    String tokenNames() {
        return tokens.stream().map(TokenLine::name).collect(Collectors.joining(", "));
    }

    /** Value of {@code aria-invalid}; null leaves the attribute out. */
    String invalid(String field) {
        return wrong.containsKey(field) ? "true" : null;
    }
}
