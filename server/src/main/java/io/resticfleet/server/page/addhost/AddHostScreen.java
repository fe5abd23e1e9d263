package io.resticfleet.server.page.addhost;

import io.resticfleet.server.page.frame.Frame;
import java.util.Map;

/**
 * The form for a new machine.
 *
 * @param typed values by form field
 * @param wrong error messages by form field
 */
record AddHostScreen(Frame frame, Map<String, String> typed, Map<String, String> wrong) {

    String get(String field) {
        return typed.getOrDefault(field, "");
    }

    /** Value of {@code aria-invalid}; null leaves the attribute out. */
    String invalid(String field) {
        return wrong.containsKey(field) ? "true" : null;
    }
}
