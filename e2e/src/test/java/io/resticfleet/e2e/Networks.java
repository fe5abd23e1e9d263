package io.resticfleet.e2e;

import java.io.IOException;
import java.util.List;

/**
 * A network for the server and one for each machine, joined by links that can be cut without notice to either end.
 *
 * <p>These are network namespaces; nothing outside of them is changed.
 */
final class Networks implements AutoCloseable {

    private static final String FEATURE = "a network of its own";
    private static final String UNUSED_MAC = "02:00:00:00:00:ff";
    private static final int PORT = 8080;

    private final String prefix = "fleet-" + ProcessHandle.current().pid() + "-";
    private final int machines;
    private PortForward portForward;

    /** How a link is cut. */
    enum Cut {
        /** Nothing arrives at either end. */
        BOTH_WAYS,
        /** The server receives nothing, but its packets arrive. */
        TO_SERVER,
        /** The machine receives nothing, but its packets arrive. */
        TO_MACHINE,
        /** As if the server's cable was unplugged. */
        UNPLUGGED
    }

    private Networks(int machines) {
        this.machines = machines;
    }

    static Networks of(int machines) throws Exception {
        Root.requirePrograms(FEATURE, "ip", "nsenter", "bash");
        var networks = new Networks(machines);
        try {
            networks.make();
        } catch (Exception | AssertionError e) {
            networks.close();
            throw e;
        }
        return networks;
    }

    private void make() throws Exception {
        Root.runOrSkip(FEATURE, "ip", "netns", "add", server());
        Root.run("ip", "-n", server(), "link", "set", "lo", "up");
        for (int i = 0; i < machines; i++) {
            Root.run("ip", "netns", "add", machine(i));
            Root.runOrSkip(
                    FEATURE,
                    ("ip -n " + server() + " link add line" + i + " address " + mac(i, 1) + " type veth peer name line"
                                    + i + " address " + mac(i, 2) + " netns " + machine(i))
                            .split(" "));
            join(server(), i, 1);
            join(machine(i), i, 2);
            heal(i);
        }
        portForward = PortForward.open(atServer(), PORT);
    }

    private static void join(String network, int i, int end) throws Exception {
        Root.run("ip", "-n", network, "addr", "add", address(i, end) + "/30", "dev", "line" + i);
        Root.run("ip", "-n", network, "link", "set", "line" + i, "up");
    }

    private String server() {
        return prefix + "server";
    }

    private String machine(int i) {
        return prefix + i;
    }

    private static String address(int i, int end) {
        return "10.77." + i + "." + end;
    }

    private static String mac(int i, int end) {
        return "02:00:00:00:0" + i + ":0" + end;
    }

    /** Where the server runs. */
    ServerProcess.Location location() {
        return new ServerProcess.Location(atServer(), "0.0.0.0:" + PORT, address -> portForward.url());
    }

    private List<String> atServer() {
        return inside(server());
    }

    List<String> atMachine(int i) {
        return inside(machine(i));
    }

    /**
     * Not {@code ip netns exec}, which also copies all mounts and so keeps disks of other tests from being unmounted.
     */
    private static List<String> inside(String network) {
        return List.of(Root.file("nsenter"), "--net=/run/netns/" + network);
    }

    /** The server's URL as seen from a machine. */
    String url(int i) {
        return "http://" + address(i, 1) + ":" + PORT;
    }

    void cut(int i, Cut cut) throws Exception {
        switch (cut) {
            case BOTH_WAYS -> {
                send(server(), i, 2, UNUSED_MAC);
                send(machine(i), i, 1, UNUSED_MAC);
            }
            case TO_SERVER -> send(machine(i), i, 1, UNUSED_MAC);
            case TO_MACHINE -> send(server(), i, 2, UNUSED_MAC);
            case UNPLUGGED -> Root.run("ip", "-n", server(), "link", "set", "line" + i, "down");
        }
    }

    void heal(int i) throws Exception {
        Root.run("ip", "-n", server(), "link", "set", "line" + i, "up");
        send(server(), i, 2, mac(i, 2));
        send(machine(i), i, 1, mac(i, 1));
    }

    /** Addresses packets for this end of the link to a MAC; a network card ignores those that are not for it. */
    private static void send(String from, int i, int toEnd, String mac) throws Exception {
        Root.run(("ip -n " + from + " neigh replace " + address(i, toEnd) + " lladdr " + mac + " nud permanent dev line"
                        + i)
                .split(" "));
    }

    @Override
    public void close() {
        try {
            if (portForward != null) {
                portForward.close();
            }
            for (int i = 0; i < machines; i++) {
                Root.attempt("ip", "netns", "del", machine(i));
            }
            Root.attempt("ip", "netns", "del", server());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException("cannot delete the networks", e);
        }
    }
}
