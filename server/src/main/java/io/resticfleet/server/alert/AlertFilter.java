package io.resticfleet.server.alert;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which alerts to list; an absent field matches all.
 *
 * @param host its id as the client wrote it; matches none if it is no id
 */
public record AlertFilter(
        Optional<State> state, Optional<String> host, Optional<AlertKind> kind, Optional<Severity> severity) {

    public static final AlertFilter ALL =
            new AlertFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    public enum State {
        OPEN,
        RESOLVED;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @throws IllegalArgumentException if there is no such state */
        public static State of(String word) {
            return Stream.of(values())
                    .filter(state -> state.word().equals(word))
                    .findFirst()
                    .orElseThrow(
                            () -> new IllegalArgumentException("state must be open or resolved but is '" + word + "'"));
        }
    }
}
