package io.resticfleet.agent.config;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

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

    /**
     * Time since the machine's boot, with time asleep; empty if unknown.
     *
     * @see <a href="https://man7.org/linux/man-pages/man5/proc_uptime.5.html">proc_uptime(5)</a>
     */
    static Optional<Duration> uptime() {
        try {
            var seconds = Files.readString(Path.of("/proc/uptime")).split(" ")[0];
            return Optional.of(Duration.ofMillis((long) (Double.parseDouble(seconds) * 1_000)));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    public static String os() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT);
    }

    public static String arch() {
        return System.getProperty("os.arch");
    }
}
