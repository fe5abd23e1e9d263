package io.resticfleet.agent.restic;

import java.nio.charset.Charset;
import java.util.Collection;
import java.util.Optional;

/**
 * Java's encoding of file names and program arguments. It follows the locale the agent was started in and cannot change
 * later: without UTF-8, characters beyond ASCII silently become question marks.
 */
public final class SystemEncoding {

    private static final Charset CHARSET = Charset.forName(System.getProperty("sun.jnu.encoding"));

    private SystemEncoding() {}

    /** What to do about a locale that cannot encode all texts; absent if it can. */
    public static Optional<String> advice() {
        return CHARSET.newEncoder().canEncode("ü日")
                ? Optional.empty()
                : Optional.of("the agent runs in a locale without UTF-8 (" + CHARSET
                        + "); start it with LC_ALL=C.UTF-8 in its environment");
    }

    /** Why a text cannot be passed to a program, in the operator's words; absent if all can. */
    public static Optional<String> problem(Collection<String> texts) {
        return texts.stream()
                .filter(text -> !CHARSET.newEncoder().canEncode(text))
                .findFirst()
                .map(text -> "'" + text + "' cannot be passed to a program: "
                        + advice().orElse("the agent's locale lacks these characters"));
    }
}
