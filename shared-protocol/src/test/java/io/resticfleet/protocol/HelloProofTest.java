package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.lang.reflect.RecordComponent;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HelloProofTest {

    private static final KeyPair KEY = newKey("Ed25519");
    private static final String NONCE = "the server's nonce";
    private static final Hello HELLO = new Hello(
            1,
            new HostId("01H00000000000000000000001"),
            "0.1.0",
            Optional.of("0.14.0"),
            "linux",
            "amd64",
            "web-01",
            "boot-1",
            "Europe/Berlin",
            7,
            Instant.parse("2026-03-01T12:00:00.123456789Z"),
            List.of(new JobId("01J00000000000000000000001")),
            "the agent's nonce",
            Optional.of("instance-1"),
            "",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    @Test
    void a_hello_proves_itself_to_the_holder_of_the_public_key() {
        var hello = HelloProof.sign(HELLO, NONCE, KEY.getPrivate());

        assertThat(HelloProof.verify(hello, NONCE, KEY.getPublic())).isTrue();
    }

    @Test
    void a_hello_still_proves_itself_after_the_wire() throws Exception {
        var hello = HelloProof.sign(HELLO, NONCE, KEY.getPrivate());

        var arrived = (Hello) Wire.decodeToServer(Wire.encode(hello));

        assertThat(HelloProof.verify(arrived, NONCE, KEY.getPublic())).isTrue();
    }

    @Test
    void a_field_of_a_newer_agent_takes_nothing_from_the_proof() throws Exception {
        var hello = HelloProof.sign(HELLO, NONCE, KEY.getPrivate());
        var frame = Wire.encode(hello).replaceFirst("\\{", "{\"of_tomorrow\":[1],");

        var arrived = (Hello) Wire.decodeToServer(frame);

        assertThat(HelloProof.verify(arrived, NONCE, KEY.getPublic())).isTrue();
    }

    @Test
    void what_is_signed_is_as_documented() throws Exception {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        for (var text : List.of(
                "restic-fleet hello 1",
                NONCE,
                "1",
                "01H00000000000000000000001",
                "0.1.0",
                "0.14.0",
                "linux",
                "amd64",
                "web-01",
                "boot-1",
                "Europe/Berlin",
                "7",
                "2026-03-01T12:00:00.123456789Z",
                "1",
                "01J00000000000000000000001",
                "the agent's nonce",
                "instance-1")) {
            out.writeInt(text.length());
            out.writeBytes(text);
        }
        var signer = Signature.getInstance("Ed25519");
        signer.initSign(KEY.getPrivate());
        signer.update(bytes.toByteArray());

        assertThat(HelloProof.sign(HELLO, NONCE, KEY.getPrivate()).signature())
                .isEqualTo(Base64.getEncoder().encodeToString(signer.sign()));
    }

    @Test
    void text_moved_from_one_field_to_the_next_is_another_hello() {
        var hello = HelloProof.sign(HELLO, NONCE, KEY.getPrivate());

        var moved = with(with(hello, "os", "linuxa"), "arch", "md64");

        assertThat(HelloProof.verify(moved, NONCE, KEY.getPublic())).isFalse();
    }

    @Test
    void a_hello_without_restic_proves_itself_too() {
        var hello = HelloProof.sign(with(HELLO, "resticVersion", Optional.empty()), NONCE, KEY.getPrivate());

        assertThat(HelloProof.verify(hello, NONCE, KEY.getPublic())).isTrue();
    }

    @Test
    void a_hello_of_an_agent_that_does_not_say_which_it_is_proves_itself_too() {
        var hello = HelloProof.sign(with(HELLO, "instanceId", Optional.empty()), NONCE, KEY.getPrivate());

        assertThat(HelloProof.verify(hello, NONCE, KEY.getPublic())).isTrue();
        assertThat(HelloProof.verify(with(hello, "instanceId", Optional.of("instance-1")), NONCE, KEY.getPublic()))
                .isFalse();
    }

    @Test
    void a_recorded_hello_is_worth_nothing_for_another_nonce() {
        var hello = HelloProof.sign(HELLO, NONCE, KEY.getPrivate());

        assertThat(HelloProof.verify(hello, "another nonce", KEY.getPublic())).isFalse();
    }

    @Test
    void another_key_proves_nothing() {
        var hello = HelloProof.sign(HELLO, NONCE, newKey("Ed25519").getPrivate());

        assertThat(HelloProof.verify(hello, NONCE, KEY.getPublic())).isFalse();
    }

    /** All but the signature and what came after the first release. */
    static Stream<String> signedFields() {
        return Arrays.stream(Hello.class.getRecordComponents())
                .map(RecordComponent::getName)
                .takeWhile(name -> !name.equals("signature"));
    }

    @Test
    void what_came_later_is_not_signed_so_that_an_older_server_can_check() {
        var hello = HelloProof.sign(HELLO, NONCE, KEY.getPrivate());

        assertThat(HelloProof.verify(
                        with(with(hello, "serverEpoch", Optional.of("e1")), "ackedSequence", Optional.of(12L)),
                        NONCE,
                        KEY.getPublic()))
                .isTrue();
    }

    @Test
    void the_list_of_what_is_signed_is_closed_so_that_an_older_server_never_refuses_a_newer_agent() {
        assertThat(signedFields())
                .as("a new component of hello stands after the signature, and is not signed")
                .containsExactly(
                        "protocolVersion",
                        "hostId",
                        "agentVersion",
                        "resticVersion",
                        "os",
                        "arch",
                        "hostname",
                        "bootId",
                        "timeZone",
                        "scheduleVersion",
                        "wallClock",
                        "jobs",
                        "agentNonce",
                        "instanceId");
        var later = Arrays.stream(Hello.class.getRecordComponents())
                .dropWhile(component -> !component.getName().equals("signature"))
                .skip(1)
                .toList();
        var hello = HelloProof.sign(HELLO, NONCE, KEY.getPrivate());
        assertThat(later).isNotEmpty().allSatisfy(component -> {
            assertThat(component.getType()).isEqualTo(Optional.class);
            var extended = with(
                    hello,
                    component.getName(),
                    component.getGenericType().getTypeName().contains("Long") ? Optional.of(7L) : Optional.empty());
            assertThat(HelloProof.verify(extended, NONCE, KEY.getPublic())).isTrue();
        });
    }

    @ParameterizedTest
    @MethodSource("signedFields")
    void no_field_can_be_changed(String field) {
        var hello = HelloProof.sign(HELLO, NONCE, KEY.getPrivate());

        var changed = with(hello, field, changed(valueOf(hello, field)));

        assertThat(changed).isNotEqualTo(hello);
        assertThat(HelloProof.verify(changed, NONCE, KEY.getPublic())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "not Base64 !", "AAAA", "ü"})
    void garbage_is_no_signature(String signature) {
        assertThat(HelloProof.verify(with(HELLO, "signature", signature), NONCE, KEY.getPublic()))
                .isFalse();
    }

    @Test
    void sixty_four_zero_bytes_are_no_signature() {
        var zeros = Base64.getEncoder().encodeToString(new byte[64]);

        assertThat(HelloProof.verify(with(HELLO, "signature", zeros), NONCE, KEY.getPublic()))
                .isFalse();
    }

    @Test
    void a_public_key_is_read_as_an_agent_sends_it() {
        var text = Base64.getEncoder().encodeToString(KEY.getPublic().getEncoded());

        assertThat(HelloProof.publicKey(text)).isEqualTo(KEY.getPublic());
    }

    @Test
    void a_key_of_another_kind_is_refused() {
        var ec = Base64.getEncoder().encodeToString(newKey("EC").getPublic().getEncoded());

        assertThatIllegalArgumentException().isThrownBy(() -> HelloProof.publicKey(ec));
        assertThatIllegalArgumentException().isThrownBy(() -> HelloProof.publicKey("not Base64 !"));
        assertThatIllegalArgumentException().isThrownBy(() -> HelloProof.publicKey(""));
    }

    private static KeyPair newKey(String algorithm) {
        try {
            return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static Object changed(Object value) {
        if (value instanceof Integer number) {
            return number + 1;
        } else if (value instanceof Long number) {
            return number + 1;
        } else if (value instanceof Instant instant) {
            return instant.plus(Duration.ofNanos(1));
        } else if (value instanceof HostId) {
            return new HostId("01H00000000000000000000002");
        } else if (value instanceof Optional<?>) {
            return Optional.empty();
        } else if (value instanceof List<?>) {
            return List.of();
        } else {
            return value + "x";
        }
    }

    private static Object valueOf(Hello hello, String field) {
        try {
            return Hello.class.getMethod(field).invoke(hello);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static Hello with(Hello hello, String field, Object value) {
        var components = Hello.class.getRecordComponents();
        var values = Arrays.stream(components)
                .map(component -> component.getName().equals(field) ? value : valueOf(hello, component.getName()))
                .toArray();
        var types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            return Hello.class.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
