package io.resticfleet.server.channel;

import java.time.InstantSource;
import javax.net.ssl.SSLContext;

/** Sends by HTTP and SMTP. Safe for use by several threads. */
public final class NetworkSender implements Sender {

    private final HttpSender http;
    private final MailSender mail;

    /** @param tls which mail servers to trust */
    public NetworkSender(HttpSender http, SSLContext tls, InstantSource clock) {
        this.http = http;
        this.mail = new MailSender(tls, clock);
    }

    @Override
    public SendResult send(Outgoing message) {
        return message instanceof HttpCall call ? http.send(call) : mail.send((Mail) message);
    }

    @Override
    public void close() {
        http.close();
    }
}
