package io.resticfleet.agent.upgrade;

/** What a new jar does when it is smoke-tested. */
public final class VersionPrinter {

    private VersionPrinter() {}

    public static void main(String[] arguments) {
        System.out.println(
                "restic-fleet-agent " + VersionPrinter.class.getPackage().getImplementationVersion());
    }
}
