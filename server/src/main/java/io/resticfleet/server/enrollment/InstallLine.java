package io.resticfleet.server.enrollment;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The command that installs the agent, to be run on the machine as root.
 *
 * @param certificatePin SHA-256 of the public key of this server's self-signed certificate, passed to curl and the agent;
 *     absent with a certificate that an authority vouches for, or without TLS
 */
public record InstallLine(Optional<String> certificatePin) {

    private static final Pattern LOOPBACK = Pattern.compile("https?://(localhost|127(\\.\\d+){3}|\\[::1])(:\\d+)?");

    private static final String UNENCRYPTED =
            "The connection to this server is not encrypted: others on the network can"
                    + " read the token and the repository's credentials. Set up HTTPS first: RESTIC_FLEET_TLS, or a proxy and"
                    + " RESTIC_FLEET_PUBLIC_URL.";

    private static final String THIS_MACHINE_ONLY =
            "The command works only on the machine of this server: other machines cannot reach %s. For them, set"
                    + " RESTIC_FLEET_LISTEN to an address of the network, RESTIC_FLEET_PUBLIC_URL to the URL that they use, and"
                    + " RESTIC_FLEET_TLS=self-signed, or put a proxy in front of the server.";

    /**
     * Installs and enrols.
     *
     * @param url of this server, as the machine reaches it
     */
    String enrolling(String url, String token) {
        // Not as an argument, which every user of the machine could read while the command runs: echo is part of the
        // shell.
        return "{ echo RESTIC_FLEET_TOKEN=" + token + "; " + download(url) + "; }" + run(url) + pin()
                + (exposed(url) ? " --allow-plaintext" : "");
    }

    /** Installs, and takes the place of a host's machine. */
    String replacing(String url, String token) {
        return enrolling(url, token) + " --replace";
    }

    /** Sentences about what will go wrong; empty if nothing will. */
    static List<String> warnings(String url) {
        var warnings = new ArrayList<String>();
        if (exposed(url)) {
            warnings.add(UNENCRYPTED);
        }
        if (loopback(url)) {
            warnings.add(THIS_MACHINE_ONLY.formatted(url));
        }
        return warnings;
    }

    /** Repairs or upgrades the agent of a machine that is enrolled. */
    public String upgrading(String url) {
        return download(url) + run(url) + pin();
    }

    /** Whether others on the network can read the token: plain HTTP, not to this machine itself. */
    static boolean exposed(String url) {
        return url.startsWith("http:") && !loopback(url);
    }

    /** Whether only this machine itself reaches the server at this URL. */
    static boolean loopback(String url) {
        return LOOPBACK.matcher(url).matches();
    }

    /** With {@code -f}, not {@code --fail-with-body}: the body of an error must not reach the shell. */
    private String download(String url) {
        return "curl -fsS" + certificatePin.map(InstallLine::curlPin).orElse("") + " " + url
                + EnrollmentRoutes.INSTALL_SCRIPT_PATH;
    }

    private static String run(String url) {
        return " | sudo bash -s -- --server " + url;
    }

    private String pin() {
        return certificatePin.map(pin -> " --pin " + pin).orElse("");
    }

    /** {@code -k} with a pinned key: no authority vouches for the certificate, but its key is checked. */
    private static String curlPin(String pin) {
        return "k --pinnedpubkey sha256//"
                + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(pin));
    }
}
