package io.resticfleet.agent.restic;

import java.nio.charset.Charset;
import java.util.Collection;
import java.util.Optional;

/**
 * How this machine's Java spells the names of files and the arguments of programs. It follows the locale the agent was
 * started in, and cannot be changed after: in one without UTF-8, letters beyond ASCII silently become question marks.
 */
public final class SystemEncoding {

    private static final Charset CHARSET = Charset.forName(System.getProperty("sun.jnu.encoding"));

    private SystemEncoding() {}

    /** What to do about a locale that not all texts can be said in; empty if it is a good one. */
    public static Optional<String> advice() {
        return CHARSET.newEncoder().canEncode("ü日")
                ? Optional.empty()
                : Optional.of("the agent runs in a locale without UTF-8 (" + CHARSET
                        + "); start it with LC_ALL=C.UTF-8 in its environment");
    }

    /** Why one of the texts cannot be given to a program, in words for the operator; empty if all can. */
    public static Optional<String> problem(Collection<String> texts) {
        return texts.stream()
                .filter(text -> !CHARSET.newEncoder().canEncode(text))
                .findFirst()
                .map(text -> "'" + text + "' cannot be passed on: "
                        + advice().orElse("the agent's locale has no such letters"));
    }
}
