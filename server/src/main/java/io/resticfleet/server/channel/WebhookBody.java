package io.resticfleet.server.channel;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.resticfleet.server.alert.AlertEvent;
import io.resticfleet.server.alert.AlertView;
import java.util.List;
import java.util.Optional;

/**
 * The standard body of a webhook.
 *
 * @param deliveryId the same for each attempt
 * @param attempt from 1
 * @param alert of several the most severe; absent from a digest
 * @param title one line, of several alerts or a digest
 * @param text of several alerts or a digest
 * @param alerts all that happened, the oldest first, if it is more than one event
 * @param cut how many more events there are; absent for none
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record WebhookBody(
        String deliveryId,
        String state,
        int attempt,
        Optional<AlertView> alert,
        Optional<String> title,
        Optional<String> text,
        Optional<List<MessageContent.Event>> alerts,
        Optional<Integer> cut) {

    static final String DIGEST = "digest";

    static WebhookBody of(String deliveryId, int attempt, MessageContent content) {
        boolean one = content.events().size() == 1 && content.cut() == 0;
        return new WebhookBody(
                deliveryId,
                content.main()
                        .map(MessageContent.Event::state)
                        .map(AlertEvent.State::word)
                        .orElse(DIGEST),
                attempt,
                content.main().map(MessageContent.Event::alert),
                Optional.of(content.title()).filter(title -> !one),
                Optional.of(content.text()).filter(text -> !one),
                Optional.of(content.events()).filter(all -> !one && !all.isEmpty()),
                Optional.of(content.cut()).filter(cut -> cut > 0));
    }
}
