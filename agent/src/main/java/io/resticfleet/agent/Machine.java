package io.resticfleet.agent;

import io.resticfleet.agent.upgrade.Jar;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** What this machine says about itself. */
final class Machine {

    private Machine() {}

    static String hostname() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return InetAddress.getLoopbackAddress().getHostName();
        }
    }

    /** Changes with every boot. */
    static String bootId() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }

    static String os() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT);
    }

    static String arch() {
        return System.getProperty("os.arch");
    }

    /** The jar that this program was started from; empty if it was not. */
    static Optional<Jar> jar() {
        try {
            var source = Machine.class.getProtectionDomain().getCodeSource();
            var file = Path.of(source.getLocation().toURI());
            return Files.isRegularFile(file) ? Optional.of(new Jar(file)) : Optional.empty();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static String agentVersion() {
        var version = Machine.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version; // absent outside the jar
    }
}
