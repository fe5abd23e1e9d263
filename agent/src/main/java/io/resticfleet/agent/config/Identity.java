package io.resticfleet.agent.config;

import io.resticfleet.agent.link.Pins;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.pin.Pin;
import io.resticfleet.protocol.HostId;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * This machine's identity at its server.
 *
 * @param privateKey Ed25519, PKCS 8, Base64; created here, and never leaves the machine
 * @param pin of the server's key; absent if certificate authorities vouch for the server
 * @param nextPin of the server's next key; absent if there is none
 * @param plaintext whether it was allowed at enrolment; absent if that was before consent was required
 */
public record Identity(
        HostId hostId,
        String hostname,
        ServerAddress server,
        String privateKey,
        Optional<String> pin,
        Optional<String> nextPin,
        Optional<PlaintextPolicy> plaintext) {

    public static final String FILE = "identity.json";

    public static Optional<Identity> find(StateDirectory state) {
        return state.readJson(FILE, Identity.class);
    }

    public PrivateKey key() {
        try {
            return KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(privateKey)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalStateException("the private key in " + FILE + " cannot be used", e);
        }
    }

    /** The pinned keys of the server; absent if certificate authorities vouch for it. */
    public Optional<Pins> pins() {
        return pin.map(first -> new Pins(Stream.concat(Stream.of(first), nextPin.stream())
                .map(Pin::parse)
                .toList()));
    }

    /** This identity with one or two other pinned keys. */
    public Identity trusting(List<Pin> pins) {
        var texts = pins.stream().map(Pin::sha256).toList();
        return new Identity(
                hostId,
                hostname,
                server,
                privateKey,
                Optional.of(texts.get(0)),
                texts.stream().skip(1).findFirst(),
                plaintext);
    }

    /** Without the private key. */
    @Override
    public String toString() {
        return "Identity[hostId=" + hostId + ", hostname=" + hostname + ", server=" + server + "]";
    }
}
