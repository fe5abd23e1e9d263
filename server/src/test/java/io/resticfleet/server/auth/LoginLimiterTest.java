package io.resticfleet.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.web.ClientAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoginLimiterTest {

    private static final ClientAddress HERE = new ClientAddress("192.0.2.7");

    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private final LoginLimiter limiter = new LoginLimiter(() -> now);

    @Test
    void what_is_refused_does_not_lengthen_the_wait() {
        for (int attempt = 0; attempt < 5; attempt++) {
            assertThat(limiter.attempt("anna", HERE)).isEmpty();
        }

        for (int minute = 1; minute < 15; minute++) {
            now = now.plus(Duration.ofMinutes(1));
            assertThat(limiter.attempt("anna", HERE)).contains(Duration.ofMinutes(15 - minute));
        }
        now = now.plus(Duration.ofMinutes(1));

        assertThat(limiter.attempt("anna", HERE)).isEmpty();
    }

    @Test
    void a_clock_that_is_set_back_locks_nobody_out() {
        for (int attempt = 0; attempt < 5; attempt++) {
            limiter.attempt("anna", HERE);
        }

        now = now.minus(Duration.ofDays(365));

        assertThat(limiter.attempt("anna", HERE)).isEmpty();
    }

    @Test
    void one_user_can_be_guessed_at_from_elsewhere_without_being_locked_out_here() {
        for (int attempt = 0; attempt < 5; attempt++) {
            limiter.attempt("anna", new ClientAddress("203.0.113.9"));
        }

        assertThat(limiter.attempt("anna", HERE)).isEmpty();
    }

    @Test
    void the_audit_log_gets_so_many_failures_and_then_how_many_were_left_out() {
        for (int failure = 0; failure < 200; failure++) {
            assertThat(limiter.note()).contains(0);
        }
        for (int failure = 0; failure < 7; failure++) {
            assertThat(limiter.note()).isEmpty();
        }

        now = now.plus(Duration.ofMinutes(15));

        assertThat(limiter.note()).contains(7);
        assertThat(limiter.note()).contains(0);
    }

    @Test
    void a_crowd_is_forgotten_from_its_oldest() {
        var attempts = new Attempts(1, Duration.ofMinutes(15));
        for (int key = 0; key < 20_000; key++) {
            attempts.make("key" + key, now);
        }

        assertThat(attempts.make("key0", now)).isEqualTo(Optional.empty());
        assertThat(attempts.make("key19999", now)).isPresent();
    }
}
