package io.resticfleet.server.page.digest;

import java.util.List;

/**
 * A digest in words.
 *
 * @param tone one of {@code ok bad}
 * @param sections what ran, what grew, what is proven, what waits
 */
public record DigestMail(String title, String time, String tone, List<Section> sections, String url) {

    /** @param lines empty if {@code none} says why there is nothing */
    public record Section(String heading, List<Line> lines, String none) {}

    /** @param url where more is to be seen; empty for nowhere */
    public record Line(String text, String url) {

        static Line of(String text) {
            return new Line(text, "");
        }
    }

    /** For channels that show no HTML, and for mail programs that do not. */
    public String text() {
        var text = new StringBuilder(time).append('\n');
        for (var section : sections) {
            text.append('\n').append(section.heading()).append('\n');
            section.lines()
                    .forEach(line -> text.append("- ")
                            .append(line.text())
                            .append(line.url().isEmpty() ? "" : "\n  " + line.url())
                            .append('\n'));
            if (section.lines().isEmpty()) {
                text.append(section.none()).append('\n');
            }
        }
        return text.toString();
    }
}
