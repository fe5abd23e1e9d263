package io.resticfleet.agent;

import io.resticfleet.agent.link.Pin;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.state.Storage;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;

/**
 * Who this machine is to its server.
 *
 * @param privateKey Ed25519, PKCS 8, Base64; made here, and never leaves
 * @param pin SHA-256 of the one certificate the server may show
 */
record Identity(String hostId, String hostname, ServerAddress server, String privateKey, Optional<String> pin) {

    static final String FILE = "identity.json";

    static Optional<Identity> find(Storage storage) {
        return storage.readJson(FILE, Identity.class);
    }

    PrivateKey key() {
        try {
            return KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(privateKey)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalStateException("the private key in " + FILE + " cannot be used", e);
        }
    }

    Optional<Pin> certificate() {
        return pin.map(Pin::parse);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "Identity[hostId=" + hostId + ", hostname=" + hostname + ", server=" + server + "]";
    }
}
