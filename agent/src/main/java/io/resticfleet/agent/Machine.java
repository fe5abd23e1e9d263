package io.resticfleet.agent;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

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

    static String agentVersion() {
        var version = Machine.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version; // absent outside the jar
    }
}
