package io.resticfleet.server.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.DummySSLSocketFactory;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.resticfleet.server.SettableClock;
import jakarta.mail.internet.MimeMultipart;
import java.security.KeyStore;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;

/** Email to a real mail server, GreenMail. */
class MailSenderTest {

    private static final SettableClock CLOCK = new SettableClock(Instant.parse("2026-03-01T12:00:00Z"));

    private static GreenMail started(String protocol) {
        var mail = new GreenMail(new ServerSetup(0, "127.0.0.1", protocol));
        mail.setUser("fleet@example.com", "fleet", "s3cret");
        mail.start();
        return mail;
    }
}
