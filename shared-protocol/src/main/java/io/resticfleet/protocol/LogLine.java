package io.resticfleet.protocol;

import java.time.Instant;

/**
 * A line of a job's log.
 *
 * @param line its number in the job's log, from 1 without gaps
 * @param at when the agent read it
 * @param stream {@code restic} for output of restic, {@code hook} for output of hooks, {@code agent} for messages of
 *     the agent
 * @param text without line break and without secrets; a control character is shown as its code, such as {@code \x1b}
 */
public record LogLine(long line, Instant at, String stream, String text) {

    private static final int MAX_LENGTH = 2 * Limit.LINE;

    public LogLine {
        stream = Limit.cut(stream, Limit.NAME);
        text = VisibleText.of(Limit.cut(text, MAX_LENGTH));
    }
}
