package io.resticfleet.server.page.frame;

import io.resticfleet.server.alert.Alert;
import io.resticfleet.server.page.text.AlertWords;
import io.resticfleet.server.page.text.Figures;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What every page says of open alerts.
 *
 * @param open how many there are
 * @param unseen how many of them nobody has acknowledged
 * @param worst the most severe of these; absent if there are none
 */
record AlertNote(int open, int unseen, Optional<Worst> worst) {

    /** @param text what is wrong */
    record Worst(String id, String tone, String severity, String text, Instant since) {}

    /** @param open the most severe first */
    static AlertNote of(List<Alert> open) {
        var unseen =
                open.stream().filter(alert -> alert.acknowledged().isEmpty()).toList();
        return new AlertNote(
                open.size(),
                unseen.size(),
                unseen.stream()
                        .findFirst()
                        .map(alert -> new Worst(
                                alert.id(),
                                AlertWords.tone(alert.severity()),
                                AlertWords.of(alert.severity()),
                                alert.text(),
                                alert.since())));
    }

    /** Grey once somebody knows of all. */
    String tone() {
        return worst.map(Worst::tone).orElse("off");
    }

    /** Such as {@code 3 open}, for those who see no colours. */
    String words() {
        return open == unseen ? "open" : "open, " + Figures.count(open - unseen) + " of them acknowledged";
    }

    /** The others, such as {@code and 2 more}; empty if there are none. */
    String more() {
        return unseen > 1 ? "and " + Figures.count(unseen - 1) + " more" : "";
    }
}
