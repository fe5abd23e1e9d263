package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Compares {@code docs/error-codes.md} with the code. {@code mvn test -Ddocs.write=true -Dtest=ErrorCodesPageTest} rewrites it. */
class ErrorCodesPageTest {

    private static final Path PAGE = Path.of("../docs/error-codes.md");
    private static final Path TROUBLESHOOTING = Path.of("../docs/troubleshooting.md");
    private static final String CAUSES = "## A job failed, or is partial\n";

    @Test
    void the_page_lists_all_codes() throws IOException {
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(PAGE, page());
        }

        assertThat(PAGE).hasContent(page());
    }

    @Test
    void a_code_of_a_newer_agent_is_unknown_and_keeps_its_text() {
        var newer = new ErrorCode.Reported("code_of_tomorrow");

        assertThat(newer.code()).isEqualTo(ErrorCode.UNKNOWN);
        assertThat(newer).hasToString("code_of_tomorrow");
        assertThat(ErrorCode.values())
                .allSatisfy(code -> assertThat(code.reported().code()).isEqualTo(code));
    }

    @Test
    void the_troubleshooting_page_lists_what_to_do_for_all_codes() throws IOException {
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(TROUBLESHOOTING, states() + causes());
        }

        assertThat(Files.readString(TROUBLESHOOTING)).isEqualTo(states() + causes());
    }

    /** The part that is written by hand. */
    private static String states() throws IOException {
        var text = Files.readString(TROUBLESHOOTING);
        return text.substring(0, text.indexOf(CAUSES));
    }

    private static String causes() {
        return CAUSES
                + """

                The page of a failed or partial job shows a reason in words. This table is generated from the code, and sorted by
                whether a scheduled backup is tried again by itself.

                | Reason | What to do |
                |---|---|
                """
                + Stream.of(ErrorCode.values())
                        .filter(code -> !code.advice().isEmpty())
                        .sorted(Comparator.comparing(ErrorCode::retry).reversed())
                        .map(code -> "| %s (`%s`)%s | %s |\n"
                                .formatted(
                                        code.meaning().replaceFirst(";.*", ""),
                                        code.word(),
                                        code.retry() == ErrorCode.Retry.LATER ? ", tried again" : "",
                                        code.advice()))
                        .collect(Collectors.joining());
    }

    private static String page() {
        return """
                # Error codes

                A failed or partial job has an `error_code` beside the text in `error`: the text is for people and may change, the
                codes are for scripts and do not change. More codes may be added; treat one that is not listed here as `unknown`.
                "Retried" tells whether a scheduled backup that failed is tried again automatically, after 5, 15 and 45 minutes
                and then twice an hour later. This page is generated from the code.

                | Code | Cause | What to do | Retried |
                |---|---|---|---|
                """ + Stream.of(ErrorCode.values()).map(ErrorCodesPageTest::line).collect(Collectors.joining());
    }

    private static String line(ErrorCode code) {
        return "| `%s` | %s | %s | %s |\n"
                .formatted(
                        code.word(),
                        code.meaning().replaceFirst(";.*", ""), // what to do has its own column
                        code.advice().isEmpty() ? "–" : code.advice(),
                        code.retry() == ErrorCode.Retry.LATER ? "yes" : "no");
    }
}
