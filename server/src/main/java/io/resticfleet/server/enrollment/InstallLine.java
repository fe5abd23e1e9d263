package io.resticfleet.server.enrollment;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What to type on a machine, as root.
 *
 * @param certificatePin SHA-256 of the public key of this server's own certificate, which curl and agents are told to
 *     insist on; absent without
 */
public record InstallLine(Optional<String> certificatePin) {

    private static final Pattern LOOPBACK = Pattern.compile("http://(localhost|127(\\.\\d+){3}|\\[::1])(:\\d+)?");

    /**
     * By which it joins.
     *
     * @param url of this server, as the machine reaches it
     */
    String join(String url, String token) {
        return start(url) + " --token " + token + pin() + (exposed(url) ? " --allow-plaintext" : "");
    }

    /** Which repairs and upgrades, where it has joined. */
    public String again(String url) {
        return start(url) + pin();
    }

    /** Whether others on the way could read along. */
    static boolean exposed(String url) {
        return url.startsWith("http:") && !LOOPBACK.matcher(url).matches();
    }

    private String start(String url) {
        return "curl -fsS" + certificatePin.map(InstallLine::trusting).orElse("") + " " + url
                + EnrollmentRoutes.INSTALL_SCRIPT_PATH + " | sudo bash -s -- --server " + url;
    }

    private String pin() {
        return certificatePin.map(pin -> " --pin " + pin).orElse("");
    }

    /** As curl pins a key: then it does not matter that no authority vouches for it. */
    private static String trusting(String pin) {
        return "k --pinnedpubkey sha256//"
                + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(pin));
    }
}
