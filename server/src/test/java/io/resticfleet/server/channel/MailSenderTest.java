package io.resticfleet.server.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import io.resticfleet.server.SettableClock;
import jakarta.mail.internet.MimeMultipart;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Email to a real mail server, behind TLS. */
class MailSenderTest {

    private static final SettableClock CLOCK = new SettableClock(Instant.parse("2026-03-01T12:00:00Z"));

    @TempDir
    static Path directory;

    private final GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    private SSLContext tls;

    @BeforeEach
    void start() throws Exception {
        tls = TlsFront.context(directory, "ip:127.0.0.1");
        mail.start();
        mail.setUser("fleet@example.com", "fleet", "s3cret");
    }

    @AfterEach
    void stop() {
        mail.stop();
    }

    private SendResult send(int port, Mail.Security security, String password) {
        return send(tls, "127.0.0.1", port, security, password);
    }

    private static SendResult send(SSLContext trusted, String host, int port, Mail.Security security, String password) {
        return new MailSender(trusted, CLOCK)
                .send(new Mail(
                        new Mail.Server(host, port, security, Optional.of("fleet"), Optional.of(password)),
                        "restic-fleet <fleet@example.com>",
                        List.of("ops@example.com", "boss@example.com"),
                        "01KJMMA2G0M4SDHH7QPATZPJEX@restic-fleet",
                        "Critical: backup failed – wéb",
                        "It failed.\nSee https://fleet.example/",
                        "<p>It failed.</p>"));
    }

    @Test
    void with_starttls_and_a_password_text_and_html_arrive_with_an_id_that_stays() throws Exception {
        try (var front = new TlsFront(tls, mail.getSmtp().getPort(), Mail.Security.STARTTLS)) {
            assertThat(send(front.port(), Mail.Security.STARTTLS, "s3cret"))
                    .isEqualTo(SendResult.delivered("accepted by the mail server"));
            assertThat(front.upgraded).isTrue();
        }

        assertThat(mail.waitForIncomingEmail(10_000, 2)).isTrue();
        var received = mail.getReceivedMessages()[0];
        assertThat(received.getSubject()).isEqualTo("Critical: backup failed – wéb");
        assertThat(received.getHeader("Message-ID")).containsExactly("<01KJMMA2G0M4SDHH7QPATZPJEX@restic-fleet>");
        assertThat(received.getHeader("Auto-Submitted")).containsExactly("auto-generated");
        assertThat(received.getSentDate()).isEqualTo(CLOCK.instant());
        var parts = (MimeMultipart) received.getContent();
        assertThat(parts.getContentType()).startsWith("multipart/alternative");
        assertThat(GreenMailUtil.getBody(parts.getBodyPart(0))).contains("It failed.\r\nSee https://fleet.example/");
        assertThat(parts.getBodyPart(1).getContentType()).startsWith("text/html");
    }

    @Test
    void with_tls_from_the_start() throws Exception {
        try (var front = new TlsFront(tls, mail.getSmtp().getPort(), Mail.Security.TLS)) {
            assertThat(send(front.port(), Mail.Security.TLS, "s3cret").isDelivered())
                    .isTrue();
        }
    }

    @Test
    void a_password_is_sent_to_nobody_without_tls_and_to_no_stranger() throws Exception {
        assertThat(send(mail.getSmtp().getPort(), Mail.Security.STARTTLS, "s3cret"))
                .isEqualTo(SendResult.refused("the mail server offers no STARTTLS"));
        var other = TlsFront.context(directory, "dns:other.example");
        for (var security : List.of(Mail.Security.STARTTLS, Mail.Security.TLS)) {
            try (var front = new TlsFront(other, mail.getSmtp().getPort(), security)) {
                // not the certificate of this name
                assertThat(send(other, "127.0.0.1", front.port(), security, "s3cret"))
                        .isEqualTo(SendResult.failed("no trusted TLS connection to the mail server"));
                // not a trusted certificate
                assertThat(send(front.port(), security, "s3cret"))
                        .isEqualTo(SendResult.failed("no trusted TLS connection to the mail server"));
            }
        }
        assertThat(mail.getReceivedMessages()).isEmpty();
    }

    @Test
    void the_reason_of_a_failure_is_said() throws Exception {
        try (var front = new TlsFront(tls, mail.getSmtp().getPort(), Mail.Security.STARTTLS)) {
            assertThat(send(front.port(), Mail.Security.STARTTLS, "wrong"))
                    .isEqualTo(SendResult.refused("the mail server does not accept the user name or password"));
        }
        int closed = mail.getSmtp().getPort();
        mail.stop();
        assertThat(send(closed, Mail.Security.STARTTLS, "s3cret").detail())
                .isEqualTo("no connection to the mail server");
        for (var security : Mail.Security.values()) {
            assertThat(send(tls, "169.254.169.254", 25, security, "x").detail())
                    .isEqualTo("the address is link-local, which is not allowed");
        }
        assertThat(send(tls, "no-such-host.invalid", 25, Mail.Security.NONE, "x")
                        .detail())
                .isEqualTo("the name of the mail server cannot be resolved");
    }
}
