package io.resticfleet.agent.config;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Properties of this machine. */
public final class HostFacts {

    private HostFacts() {}

    public static String hostname() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return InetAddress.getLoopbackAddress().getHostName();
        }
    }

    /** Changes with every boot. */
    public static String bootId() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }

    public static String os() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT);
    }

    public static String arch() {
        return System.getProperty("os.arch");
    }
}
