package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DispatchTest {

    private final List<String> calls = new ArrayList<>();

    @Test
    void a_message_goes_to_the_handler_of_its_kind_with_its_peer() {
        var table = Dispatch.<String, Word>of(Word.class)
                .on(Word.Yes.class, (peer, yes) -> calls.add(peer + " yes " + yes.times()))
                .on(Word.Maybe.Likely.class, (peer, likely) -> calls.add(peer + " likely"))
                .on(Word.Maybe.Unlikely.class, (peer, unlikely) -> calls.add(peer + " unlikely"))
                .build();

        table.handle("web-01", new Word.Yes(3));
        table.handle("web-02", new Word.Maybe.Unlikely());

        assertThat(calls).containsExactly("web-01 yes 3", "web-02 unlikely");
    }

    @Test
    void a_table_with_gaps_is_refused_and_all_gaps_are_named() {
        var builder = Dispatch.<String, Word>of(Word.class)
                .on(Word.Maybe.Likely.class, (peer, likely) -> calls.add("likely"));

        assertThatIllegalStateException().isThrownBy(builder::build).withMessage("no handler for [Yes, Unlikely]");
    }

    @Test
    void a_second_handler_for_a_kind_is_refused() {
        var builder = Dispatch.<String, Word>of(Word.class).on(Word.Yes.class, (peer, yes) -> calls.add("first"));

        assertThatIllegalStateException()
                .isThrownBy(() -> builder.on(Word.Yes.class, (peer, yes) -> calls.add("second")))
                .withMessage("Yes has two handlers");
    }

    @Test
    void what_a_handler_throws_comes_out_unchanged() {
        var thrown = new IllegalArgumentException("boom");
        var table = Dispatch.<String, Word>of(Word.class)
                .on(Word.Yes.class, (peer, yes) -> {
                    throw thrown;
                })
                .on(Word.Maybe.Likely.class, (peer, likely) -> {})
                .on(Word.Maybe.Unlikely.class, (peer, unlikely) -> {})
                .build();

        assertThatThrownBy(() -> table.handle("web-01", new Word.Yes(1))).isSameAs(thrown);
    }

    private sealed interface Word {

        record Yes(int times) implements Word {}

        sealed interface Maybe extends Word {
            record Likely() implements Maybe {}

            record Unlikely() implements Maybe {}
        }
    }
}
