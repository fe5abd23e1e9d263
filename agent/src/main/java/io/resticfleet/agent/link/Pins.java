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
 * The keys of which the server must show one: its own and, if it is to have another, the next.
 *
 * <p>The key alone decides. It does not matter which name the certificate bears, who signed it, or from when to when it
 * holds: clocks of machines are wrong by years, and that must not part an agent from its server.
 *
 * <p>Safe for use by many threads.
 */
public final class Pins {

    /** The present key and the next. */
    public static final int MOST = 2;

    private static final System.Logger log = System.getLogger(Pins.class.getName());

    private List<Pin> held;
    private Consumer<List<Pin>> keeper = pins -> {};
    private Optional<Pin> shown = Optional.empty();
    private Optional<Pin> refused = Optional.empty();

    /** @throws IllegalArgumentException unless they are one or two */
    public Pins(List<Pin> held) {
        if (held.isEmpty() || held.size() > MOST) {
            throw new IllegalArgumentException("there may be one pin, or two with a comma between");
        }
        this.held = List.copyOf(held);
    }

    /** @throws IllegalArgumentException unless it is one pin, or two with a comma between */
    public static Pins parse(String text) {
        return new Pins(List.of(text.split(",")).stream()
                .map(String::strip)
                .map(Pin::parse)
                .toList());
    }

    public synchronized List<Pin> held() {
        return held;
    }

    /** @param newKeeper writes down which keys are trusted from now on */
    public synchronized void onChange(Consumer<List<Pin>> newKeeper) {
        keeper = newKeeper;
    }

    /** TLS with a server that has one of these keys, and with no other. */
    public SSLContext context() {
        return PinnedTrustManager.context(this::check);
    }

    /**
     * From now on trusts what the server says that it has and will have. To be called only with what was said on a
     * connection that this has allowed.
     *
     * @param told as in {@link io.resticfleet.protocol.ToAgent.Welcome}; without effect if the key in use is not among
     *     them: the agent would shut itself out
     */
    public synchronized void follow(List<String> told) {
        List<Pin> pins;
        try {
            pins = told.stream().map(Pin::parse).distinct().toList();
        } catch (IllegalArgumentException e) {
            log.log(Level.WARNING, "the server names keys that are none; those held stay: " + told);
            return;
        }
        if (pins.size() > MOST || !shown.map(pins::contains).orElse(false)) {
            log.log(Level.WARNING, "the server names other keys than it shows, or too many; those held stay: " + pins);
            return;
        }
        if (!pins.equals(held)) {
            log.log(Level.INFO, "the server's keys are " + words(pins) + " from now on, and were " + words(held));
            held = pins;
            keep(pins);
        }
    }

    private void keep(List<Pin> pins) {
        try {
            keeper.accept(pins);
        } catch (UncheckedIOException e) {
            log.log(Level.WARNING, "the server's keys cannot be written down; they are asked again: " + e.getMessage());
        }
    }

    /** @throws WrongKey if the certificate is of another key */
    private synchronized void check(X509Certificate certificate) throws WrongKey, CertificateEncodingException {
        var key = Pin.of(certificate);
        if (!held.contains(key) && !held.contains(Pin.of(certificate.getEncoded()))) {
            boolean again = refused.equals(Optional.of(key));
            refused = Optional.of(key);
            throw new WrongKey(key, words(held), again);
        }
        shown = Optional.of(key);
        refused = Optional.empty();
    }

    private static String words(List<Pin> pins) {
        return pins.stream().map(Pin::sha256).collect(Collectors.joining(" or "));
    }
}
