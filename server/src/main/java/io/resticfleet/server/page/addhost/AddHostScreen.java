package io.resticfleet.server.page.addhost;

import io.resticfleet.server.page.frame.Frame;
import java.util.Map;

/**
 * A machine to be added.
 *
 * @param typed by field: what is in the form
 * @param wrong by field: what is wrong with it
 */
record AddHostScreen(Frame frame, Map<String, String> typed, Map<String, String> wrong) {

    String get(String field) {
        return typed.getOrDefault(field, "");
    }

    /** For attributes: whether a field is wrong. */
    String invalid(String field) {
        return wrong.containsKey(field) ? "true" : null;
    }
}
