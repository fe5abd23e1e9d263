package io.resticfleet.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** How long this machine has been running. */
final class Uptime {

    private Uptime() {}

    /**
     * By Linux, with the time in which the machine was suspended; elsewhere without it.
     *
     * @see <a href="https://man7.org/linux/man-pages/man5/proc_uptime.5.html">proc_uptime(5)</a>
     */
    static Duration read() {
        try {
            var seconds = Files.readString(Path.of("/proc/uptime")).split(" ")[0];
            return Duration.ofMillis((long) (Double.parseDouble(seconds) * 1_000));
        } catch (IOException | NumberFormatException e) {
            return Duration.ofNanos(System.nanoTime());
        }
    }
}
