package io.resticfleet.server.cli;

import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.OperatorError;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Installs this jar as a systemd service, and removes it. {@code install-server.sh}, a readable script in the jar, does the
 * work; {@link Doctor} checks for problems first.
 */
public final class Installer {

    private static final Path DATA = Path.of("/var/lib/restic-fleet");
    private static final Path SETTINGS = Path.of("/etc/default/restic-fleet");

    /** The lowest port open to all users: <a href="https://docs.kernel.org/networking/ip-sysctl.html">ip-sysctl</a>. */
    private static final Path MIN_UNPRIVILEGED_PORT = Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start");

    private final String version;
    private final InstantSource clock;
    private final PrintStream out;

    /** @param version of this program */
    public Installer(String version, InstantSource clock, PrintStream out) {
        this.version = version;
        this.clock = clock;
        this.out = out;
    }

    /**
     * @param flags settings by flag; stored for the service
     * @throws OperatorError if it cannot be installed; nothing is changed then
     */
    public void install(Map<String, String> flags) throws IOException {
        if (flags.containsKey(ServerConfig.DATA_DIR.flag())) {
            throw new OperatorError("an installed server stores its data in " + DATA + "; leave out "
                    + ServerConfig.DATA_DIR.flag() + ". For another directory, see docs/install.md");
        }
        var config = config(flags);
        checkPort(config.listen().port());
        if (!new Doctor(config, version, clock, out).runBeforeStart()) {
            throw new OperatorError("fix this first; nothing was installed");
        }
        var arguments = new ArrayList<>(List.of(
                "install",
                jar().toString(),
                "UNIT",
                config.listen().host(),
                String.valueOf(config.listen().port())));
        ServerConfig.SETTINGS.stream()
                .filter(setting -> flags.containsKey(setting.flag()))
                .forEach(setting -> arguments.add(setting.name() + "=" + flags.get(setting.flag())));
        var unit = unpack("restic-fleet.service");
        try {
            arguments.set(arguments.indexOf("UNIT"), unit.toString());
            script(arguments);
        } finally {
            Files.delete(unit);
        }
        out.println("restic-fleet " + version + " is installed and running: systemctl status restic-fleet");
        out.println("It listens on " + config.listen() + "; settings are in " + SETTINGS + ", data in " + DATA);
        out.println("To create the first user, you need a token: sudo cat " + DATA.resolve("bootstrap-token"));
    }

    /** Rejects privileged ports: the service runs as a user of its own, without capabilities. */
    private static void checkPort(int port) throws IOException {
        // Not readString: a sysctl file must be read in one call.
        int first = Files.isReadable(MIN_UNPRIVILEGED_PORT)
                ? Integer.parseInt(Files.readAllLines(MIN_UNPRIVILEGED_PORT).get(0))
                : 1024;
        if (port == 0) {
            throw new OperatorError("an installed server needs a fixed port");
        }
        if (port < first) {
            throw new OperatorError(
                    "only root may listen on port " + port + " here, and the server does not run as root;"
                            + " use port " + first + " or higher, with a proxy if it must be port " + port
                            + " (docs/proxy.md). Nothing was installed");
        }
    }

    /** @param word the script's command: {@code uninstall} or {@code purge} */
    public void remove(String word) throws IOException {
        script(List.of(word));
    }

    /** The service's settings: those in its file, and those given now. */
    private static ServerConfig config(Map<String, String> flags) throws IOException {
        var environment = new HashMap<String, String>();
        if (Files.isReadable(SETTINGS)) {
            for (var line : Files.readAllLines(SETTINGS)) {
                int equals = line.indexOf('=');
                if (line.startsWith("RESTIC_FLEET_") && equals > 0) {
                    environment.put(line.substring(0, equals), unquoted(line.substring(equals + 1)));
                }
            }
        }
        environment.put(ServerConfig.DATA_DIR.name(), DATA.toString());
        try {
            return ServerConfig.from(environment, flags);
        } catch (IllegalArgumentException e) {
            throw new OperatorError(e.getMessage(), e);
        }
    }

    /** Removes quotes as systemd does. */
    private static String unquoted(String value) {
        boolean quoted = value.length() > 1
                && (value.startsWith("\"") || value.startsWith("'"))
                && value.endsWith(value.substring(0, 1));
        return quoted ? value.substring(1, value.length() - 1) : value;
    }

    private static Path jar() {
        try {
            var jar = Path.of(Installer.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            if (!Files.isRegularFile(jar)) {
                throw new OperatorError(
                        "only the jar can be installed: make build, then java -jar restic-fleet.jar install");
            }
            return jar;
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void script(List<String> arguments) throws IOException {
        var script = unpack("install-server.sh");
        try {
            var words = new ArrayList<>(List.of("bash", script.toString()));
            words.addAll(arguments);
            if (new ProcessBuilder(words).inheritIO().start().waitFor() != 0) {
                throw new OperatorError("the script failed, see its output above");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OperatorError("interrupted", e);
        } finally {
            Files.delete(script);
        }
    }

    private static Path unpack(String name) throws IOException {
        var file = Files.createTempFile("restic-fleet-", "-" + name);
        try (var content = Installer.class.getResourceAsStream("/dist/" + name)) {
            Files.write(file, content.readAllBytes());
        }
        return file;
    }
}
