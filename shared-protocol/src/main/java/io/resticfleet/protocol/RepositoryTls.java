package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How a repository's server proves who it is.
 *
 * @param caPem certificates in PEM, one or more, that are trusted instead of the machine's own; at most 64 KiB
 * @param insecure whether any certificate is accepted; used only where the machine's owner allows it
 */
public record RepositoryTls(
        Optional<String> caPem,

        @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonDeserialize(using = FalseIfAbsent.class)
        boolean insecure) {

    /** Nothing is set: the machine's own certificates are trusted. */
    public static final RepositoryTls NONE = new RepositoryTls(Optional.empty(), false);

    private static final Set<String> BACKENDS = Set.of("rest", "s3", "b2", "azure", "gs", "swift");

    private static final int MAX_LENGTH = 64 * 1024;

    private static final Pattern NOT_A_CERTIFICATE = Pattern.compile("-----BEGIN (?!CERTIFICATE-----)");

    /** @throws IllegalArgumentException with a reason that does not repeat the text, if it is not certificates in PEM */
    public RepositoryTls {
        caPem.ifPresent(RepositoryTls::check);
    }

    private static void check(String pem) {
        if (NOT_A_CERTIFICATE.matcher(pem).find()) {
            throw new IllegalArgumentException("ca_pem must contain certificates only, and no private key");
        }
        try {
            if (pem.length() > MAX_LENGTH || certificates(pem) == 0) {
                throw new IllegalArgumentException(
                        "ca_pem must be one or more certificates in PEM, at most " + MAX_LENGTH / 1024 + " KiB");
            }
        } catch (CertificateException e) {
            throw new IllegalArgumentException("ca_pem is not a certificate in PEM: -----BEGIN CERTIFICATE-----", e);
        }
    }

    private static int certificates(String pem) throws CertificateException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))
                .size();
    }

    /** Why this cannot be set for a kind of repository; empty if it can. */
    Optional<Violation> problem(RepositoryUrl url) {
        return equals(NONE) || BACKENDS.contains(url.backend())
                ? Optional.empty()
                : Optional.of(new Violation(
                        "tls", "invalid_tls", "restic uses no TLS of its own for a " + url.backend() + " repository"));
    }
}
