package io.resticfleet.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.resticfleet.pin.Pin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PinsTest {

    private static final String OTHER = "0".repeat(64);

    @TempDir
    Path root;

    HttpsPeer server;

    @BeforeEach
    void start() throws Exception {
        server = HttpsPeer.start(root.resolve("server.p12"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void the_pinned_key_is_trusted_whatever_name_and_dates_the_certificate_has() throws Exception {
        try (var expired = HttpsPeer.start(root.resolve("expired.p12"), "-startdate", "-9y", "-validity", "10")) {
            assertThat(expired.get(Pins.parse(expired.keyPin()))).isEqualTo(204);
        }
        assertThat(server.get(Pins.parse(server.keyPin()))).isEqualTo(204);
    }

    @Test
    void a_pin_may_be_written_in_any_usual_format() throws Exception {
        var colons = server.keyPin().toUpperCase(java.util.Locale.ROOT).replaceAll("(..)(?=.)", "$1:");

        assertThat(server.get(Pins.parse(colons))).isEqualTo(204);
        assertThat(server.get(Pins.parse("sha256/" + server.keyPinInBase64()))).isEqualTo(204);
        assertThat(server.get(Pins.parse("sha256//" + server.keyPinInBase64()))).isEqualTo(204);
        assertThatThrownBy(() -> Pins.parse("sha256/AAAA")).hasMessageContaining("SHA-256");
        assertThatThrownBy(() -> Pins.parse("x")).hasMessageContaining("64 hexadecimal digits");
    }

    @Test
    void two_pins_are_accepted_and_a_third_is_refused() throws Exception {
        assertThat(server.get(Pins.parse(OTHER + "," + server.keyPin()))).isEqualTo(204);
        assertThatThrownBy(() -> Pins.parse(OTHER + "," + OTHER + "," + server.keyPin()))
                .hasMessageContaining("one pin, or two");
    }

    @Test
    void a_pin_of_a_whole_certificate_from_older_agents_still_works() throws Exception {
        assertThat(server.get(Pins.parse(server.certificatePin()))).isEqualTo(204);
    }

    @Test
    void another_key_is_refused_with_both_pins_and_with_advice_only_once() throws Exception {
        var pins = Pins.parse(OTHER);

        var first = server.refusal(pins);
        assertThat(first.once()).contains(server.keyPin(), OTHER, "trust --pin " + server.keyPin());
        var second = server.refusal(pins);
        assertThat(second.once()).contains("still shows").doesNotContain(OTHER, "trust --pin");
    }

    @Test
    void without_a_pin_a_self_signed_certificate_is_refused() {
        assertThatThrownBy(() -> server.getUnpinned()).isInstanceOf(java.io.IOException.class);
    }

    @Test
    void the_pins_that_the_server_announces_replace_the_present_ones() throws Exception {
        var pins = Pins.parse(server.certificatePin());
        var kept = new ArrayList<List<Pin>>();
        pins.onChange(kept::add);
        server.get(pins);

        try (var next = HttpsPeer.start(root.resolve("next.p12"))) {
            assertThat(next.refusal(pins).getMessage()).contains(next.keyPin());
            pins.follow(List.of(server.keyPin(), next.keyPin()));
            assertThat(next.get(pins)).isEqualTo(204);
            pins.follow(List.of(next.keyPin()));

            assertThat(kept)
                    .containsExactly(
                            List.of(Pin.parse(server.keyPin()), Pin.parse(next.keyPin())),
                            List.of(Pin.parse(next.keyPin())));
            assertThat(server.refusal(pins).getMessage()).contains(server.keyPin());
        }
    }

    @Test
    void announced_pins_that_would_lock_the_agent_out_are_ignored() throws Exception {
        var pins = Pins.parse(server.keyPin());
        server.get(pins);

        pins.follow(List.of(OTHER));
        pins.follow(List.of());
        pins.follow(List.of(server.keyPin(), "not a pin"));
        pins.follow(List.of(server.keyPin(), OTHER, "1".repeat(64)));

        assertThat(pins.trusted()).containsExactly(Pin.parse(server.keyPin()));
    }
}
