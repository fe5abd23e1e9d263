package io.resticfleet.agent.link;

import io.resticfleet.pin.Pin;
import io.resticfleet.pin.PinnedTrustManager;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;

/**
 * The keys that a server may use: its present one and, if one is prepared, the next.
 *
 * <p>Only the key matters. The certificate's name, issuer and dates are not checked: some machines' clocks are wrong by
 * years, and that must not disconnect an agent from its server.
 *
 * <p>Safe for use by many threads.
 */
public final class Pins {

    /** The present key and the next. */
    public static final int MAX_PINS = 2;

    private static final System.Logger log = System.getLogger(Pins.class.getName());

    private List<Pin> trusted;
    private Consumer<List<Pin>> store = pins -> {};
    private Optional<Pin> shown = Optional.empty();
    private Optional<Pin> refused = Optional.empty();

    /** @throws IllegalArgumentException unless there are one or two */
    public Pins(List<Pin> trusted) {
        if (trusted.isEmpty() || trusted.size() > MAX_PINS) {
            throw new IllegalArgumentException("give one pin, or two separated by a comma");
        }
        this.trusted = List.copyOf(trusted);
    }

    /** @throws IllegalArgumentException unless it is one pin, or two separated by a comma */
    public static Pins parse(String text) {
        return new Pins(List.of(text.split(",")).stream()
                .map(String::strip)
                .map(Pin::parse)
                .toList());
    }

    public synchronized List<Pin> trusted() {
        return trusted;
    }

    /** @param newStore stores the keys that are trusted from now on */
    public synchronized void onChange(Consumer<List<Pin>> newStore) {
        store = newStore;
    }

    /** TLS that trusts only servers with one of these keys. */
    public SSLContext context() {
        return PinnedTrustManager.context(this::check);
    }

    /**
     * Trusts the server's present and next key from now on. Call it only with keys received on a connection that these
     * pins allowed.
     *
     * @param keys as in {@link io.resticfleet.protocol.ToAgent.Welcome}; ignored if the key in use is not among them,
     *     as the agent would lock itself out
     */
    public synchronized void follow(List<String> keys) {
        List<Pin> pins;
        try {
            pins = keys.stream().map(Pin::parse).distinct().toList();
        } catch (IllegalArgumentException e) {
            log.log(Level.WARNING, "the server sent invalid keys, the present pins stay: " + keys);
            return;
        }
        if (pins.size() > MAX_PINS || !shown.map(pins::contains).orElse(false)) {
            log.log(
                    Level.WARNING,
                    "the server sent keys without the one it uses, or too many, the present pins stay: " + pins);
            return;
        }
        if (!pins.equals(trusted)) {
            log.log(Level.INFO, "the pinned keys of the server are now " + text(pins) + ", before " + text(trusted));
            trusted = pins;
            save(pins);
        }
    }

    private void save(List<Pin> pins) {
        try {
            store.accept(pins);
        } catch (UncheckedIOException e) {
            log.log(
                    Level.WARNING,
                    "cannot store the server's keys, the next connection tries again:  " + e.getMessage());
        }
    }

    /** @throws WrongKey if the certificate is of another key */
    private synchronized void check(X509Certificate certificate) throws WrongKey, CertificateEncodingException {
        var key = Pin.of(certificate);
        if (!trusted.contains(key) && !trusted.contains(Pin.of(certificate.getEncoded()))) {
            boolean again = refused.equals(Optional.of(key));
            refused = Optional.of(key);
            throw new WrongKey(key, text(trusted), again);
        }
        shown = Optional.of(key);
        refused = Optional.empty();
    }

    private static String text(List<Pin> pins) {
        return pins.stream().map(Pin::sha256).collect(Collectors.joining(" or "));
    }
}
