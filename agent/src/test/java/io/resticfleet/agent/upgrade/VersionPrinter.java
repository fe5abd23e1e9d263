package io.resticfleet.agent.upgrade;

/** The main class of a test jar. */
public final class VersionPrinter {

    private VersionPrinter() {}

    public static void main(String[] arguments) {
        System.out.println(
                "restic-fleet-agent " + VersionPrinter.class.getPackage().getImplementationVersion());
    }
}
