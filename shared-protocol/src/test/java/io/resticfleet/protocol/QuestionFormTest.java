package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be asked and answered, on both sides. */
class QuestionFormTest {

    static Stream<String> noPaths() {
        return Stream.of("", "etc", "../etc", "/a\0b", "/a\nb", "/a\u007f", "/\ud800", "/" + "ä".repeat(2_048));
    }

    @ParameterizedTest
    @MethodSource("noPaths")
    void a_path_that_no_machine_has_is_not_asked_about(String path) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Ask.Path(path, true));
    }

    @Test
    void a_path_may_have_4096_bytes() {
        assertThat(new Ask.Path("/" + "ä".repeat(2_047), true).path()).hasSize(2_048);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'question','id':'Q','limit_ms':5000,'ask':'shell','command':'id'}",
                "{'type':'question','id':'Q','limit_ms':5000,'ask':'path','path':'etc','one_file_system':true}",
                "{'type':'question','id':'Q','limit_ms':0,'ask':'path','path':'/','one_file_system':true}",
                "{'type':'question','id':'Q','limit_ms':60001,'ask':'path','path':'/','one_file_system':true}",
                "{'type':'question','id':'','limit_ms':5000,'ask':'path','path':'/','one_file_system':true}"
            })
    void a_question_that_cannot_be_answered_is_refused_whole(String frame) {
        assertThat(catchThrowableOfType(
                        Wire.UnreadableMessage.class, () -> Wire.decodeToAgent(frame.replace('\'', '"'))))
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'answer','re':'Q'}",
                "{'type':'answer','re':'Q','ask':'shell','kind':'file','readable':true}",
                "{'type':'answer','re':'Q','ask':'path','kind':'wormhole','readable':true}",
                "{'type':'answer','re':'Q','ask':'path','kind':'file','readable':true,'size':-1}",
                "{'type':'answer','re':'Q','ask':'path','kind':'directory','readable':true,"
                        + "'count':{'files':-1,'directories':0,'bytes':0,'unreadable':0}}"
            })
    void an_answer_that_cannot_be_shown_is_refused_whole(String frame) {
        assertThat(catchThrowableOfType(
                        Wire.UnreadableMessage.class, () -> Wire.decodeToServer(frame.replace('\'', '"'))))
                .isNotNull();
    }

    @Test
    void an_answer_that_is_too_large_becomes_a_failure_and_is_not_cut() {
        var answer = new ToServer.Answer("Q1", PathReport.of(PathReport.Kind.MISSING));

        assertThat(answer.within(1_000)).isEqualTo(answer);
        assertThat(answer.within(20).reply())
                .isInstanceOfSatisfying(
                        Reply.Failure.class,
                        failure -> assertThat(failure.code()).isEqualTo("answer_too_large"));
    }
}
