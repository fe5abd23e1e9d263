package io.resticfleet.server.channel;

import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Authenticator;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.util.MailConnectException;

/** Hands emails to mail servers by SMTP. Safe for use by several threads. */
final class MailSender {

    private static final String CONNECT_MILLIS = "10000";
    private static final String ANSWER_MILLIS = "20000";

    private final SSLContext tls;
    private final InstantSource clock;

    MailSender(SSLContext tls, InstantSource clock) {
        this.tls = tls;
        this.clock = clock;
    }

    SendResult send(Mail mail) {
        try {
            // With TLS from the start, the library connects before it asks for a socket.
            CheckedSockets.check(InetAddress.getByName(mail.server().host()));
            Transport.send(message(mail));
            return SendResult.delivered("accepted by the mail server");
        } catch (SendFailedException e) {
            int sent = e.getValidSentAddresses() == null ? 0 : e.getValidSentAddresses().length;
            return sent == 0
                    ? result(e)
                    : SendResult.delivered("accepted by the mail server for " + sent + " of "
                            + mail.to().size() + " recipients");
        } catch (MessagingException | IOException | RuntimeException e) {
            return result(e);
        }
    }

    private Session session(Mail.Server server) {
        var settings = new Properties();
        settings.put("mail.transport.protocol", "smtp");
        settings.put("mail.smtp.host", server.host());
        settings.put("mail.smtp.port", String.valueOf(server.port()));
        settings.put("mail.smtp.connectiontimeout", CONNECT_MILLIS);
        settings.put("mail.smtp.timeout", ANSWER_MILLIS);
        settings.put("mail.smtp.writetimeout", ANSWER_MILLIS);
        settings.put("mail.smtp.sendpartial", "true"); // one wrong recipient must not stop the mail to the others
        settings.put("mail.smtp.auth", String.valueOf(server.username().isPresent()));
        settings.put("mail.smtp.socketFactory", new CheckedSockets());
        settings.put("mail.smtp.socketFactory.fallback", "false");
        settings.put("mail.smtp.ssl.socketFactory", new CheckedTlsSockets(tls.getSocketFactory()));
        settings.put("mail.smtp.ssl.checkserveridentity", "true");
        settings.put("mail.smtp.ssl.enable", String.valueOf(server.security() == Mail.Security.TLS));
        settings.put("mail.smtp.starttls.enable", String.valueOf(server.security() == Mail.Security.STARTTLS));
        settings.put("mail.smtp.starttls.required", String.valueOf(server.security() == Mail.Security.STARTTLS));
        return Session.getInstance(settings, new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication(
                        server.username().orElse(""), server.password().orElse(""));
            }
        });
    }

    private MimeMessage message(Mail mail) throws MessagingException {
        var message = new MimeMessage(session(mail.server())) {
            @Override
            protected void updateMessageID() throws MessagingException {
                setHeader("Message-ID", "<" + mail.messageId() + ">");
            }
        };
        message.setFrom(new InternetAddress(mail.from()));
        for (var to : mail.to()) {
            message.addRecipient(Message.RecipientType.TO, new InternetAddress(to));
        }
        message.setSubject(mail.subject(), StandardCharsets.UTF_8.name());
        message.setSentDate(Date.from(clock.instant()));
        message.setHeader("Auto-Submitted", "auto-generated"); // RFC 3834: no answers of absent people
        var text = new MimeBodyPart();
        text.setText(mail.text(), StandardCharsets.UTF_8.name());
        var html = new MimeBodyPart();
        html.setContent(mail.html(), "text/html; charset=utf-8");
        message.setContent(new MimeMultipart("alternative", text, html));
        return message;
    }

    private static SendResult result(Exception failure) {
        var causes = causes(failure);
        for (var cause : causes) {
            if (cause instanceof CheckedSockets.RefusedAddress) {
                return SendResult.failed(cause.getMessage());
            }
            if (cause instanceof AuthenticationFailedException) {
                return SendResult.refused("the mail server does not accept the user name or password");
            }
            if (cause instanceof SMTPAddressFailedException wrong) {
                return refused(wrong.getReturnCode(), "the mail server does not accept a recipient");
            }
            if (cause instanceof SMTPSendFailedException wrong) {
                return refused(wrong.getReturnCode(), "the mail server does not accept the message");
            }
            if (cause instanceof UnknownHostException) {
                return SendResult.failed("the name of the mail server cannot be resolved");
            }
            if (cause instanceof SocketTimeoutException) {
                return SendResult.failed("no answer of the mail server in time");
            }
            if (cause instanceof SSLException) {
                return SendResult.failed("no trusted TLS connection to the mail server");
            }
        }
        for (var cause : causes) {
            if (cause instanceof MailConnectException) {
                return SendResult.failed("no connection to the mail server");
            }
            if (cause instanceof MessagingException
                    && String.valueOf(cause.getMessage()).contains("STARTTLS")) {
                return SendResult.refused("the mail server offers no STARTTLS");
            }
            if (cause instanceof SendFailedException) {
                return SendResult.failed("the mail server does not accept the message");
            }
        }
        return causes.stream().anyMatch(IOException.class::isInstance)
                ? SendResult.failed("the connection to the mail server broke")
                : SendResult.failed("sending failed (" + failure.getClass().getSimpleName() + ")");
    }

    /** By the reply's first digit: 5 is permanent. */
    private static SendResult refused(int reply, String detail) {
        var text = detail + " (reply " + reply + ")";
        return reply >= 500 ? SendResult.refused(text) : SendResult.failed(text);
    }

    /** Also those of a message's nested failures. */
    private static List<Throwable> causes(Throwable failure) {
        var causes = new ArrayList<Throwable>();
        var next = failure;
        while (next != null && causes.size() < 10) {
            causes.add(next);
            next = next instanceof MessagingException nested && nested.getNextException() != null
                    ? nested.getNextException()
                    : next.getCause();
        }
        return causes;
    }
}
