package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/error-codes.md} to the code. {@code mvn test -Ddocs.write=true -Dtest=ErrorCodesPageTest} rewrites it. */
class ErrorCodesPageTest {

    private static final Path PAGE = Path.of("../docs/error-codes.md");

    @Test
    void the_manual_lists_the_codes_there_are() throws IOException {
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(PAGE, page());
        }

        assertThat(PAGE).hasContent(page());
    }

    @Test
    void a_code_of_a_newer_agent_is_unknown_and_keeps_its_word() {
        var newer = new ErrorCode.Reported("code_of_tomorrow");

        assertThat(newer.code()).isEqualTo(ErrorCode.UNKNOWN);
        assertThat(newer).hasToString("code_of_tomorrow");
        assertThat(ErrorCode.values())
                .allSatisfy(code -> assertThat(code.reported().code()).isEqualTo(code));
    }

    private static String page() {
        return """
                # Error codes

                A job that did not go well has an `error_code` beside its words in `error`: the words are for people and may
                change, the codes are for scripts and stay. More may come; take one that is not listed here for `unknown`.
                "Retried" is whether a backup that came due is tried again by itself, after 5, 15 and 45 minutes and then twice
                an hour later. This page is made from the code.

                | Code | What it is | What to do | Retried |
                |---|---|---|---|
                """ + Stream.of(ErrorCode.values()).map(ErrorCodesPageTest::line).collect(Collectors.joining());
    }

    private static String line(ErrorCode code) {
        return "| `%s` | %s | %s | %s |\n"
                .formatted(
                        code.word(),
                        code.meaning().replaceFirst(";.*", ""), // what to do stands beside it
                        code.advice().isEmpty() ? "–" : code.advice(),
                        code.retry() == ErrorCode.Retry.WORTHWHILE ? "yes" : "no");
    }
}
