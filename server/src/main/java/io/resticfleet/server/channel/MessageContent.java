package io.resticfleet.server.channel;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.resticfleet.server.alert.AlertEvent;
import io.resticfleet.server.alert.AlertView;
import java.util.List;
import java.util.Optional;

/**
 * What a delivery says, as stored: the same for each attempt.
 *
 * @param title one line
 * @param text without the title; several lines
 * @param html a whole document; absent if the text suffices
 * @param url of the page on which something can be done
 * @param events at most {@value #MAX_EVENTS}, the oldest first
 * @param cut how many more there are
 * @param main the event that stands for all; absent without events
 * @param run absent unless it is a ping
 */
record MessageContent(
        Look look,
        String title,
        String text,
        Optional<String> html,
        String url,
        List<Event> events,
        int cut,
        Optional<Event> main,
        Optional<RunPing> run) {

    static final int MAX_EVENTS = 100;

    /** Something that happened to an alert. */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record Event(AlertEvent.State state, AlertView alert) {}

    static MessageContent of(DigestMessage digest, String url) {
        return new MessageContent(
                Look.INFO,
                digest.title(),
                digest.text(),
                Optional.of(digest.html()),
                url,
                List.of(),
                0,
                Optional.empty(),
                Optional.empty());
    }

    static MessageContent of(RunPing run, String title) {
        return new MessageContent(
                Look.INFO, title, "", Optional.empty(), "", List.of(), 0, Optional.empty(), Optional.of(run));
    }
}
