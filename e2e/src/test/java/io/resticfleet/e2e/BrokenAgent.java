package io.resticfleet.e2e;

/** An agent that prints its version and fails otherwise, like a faulty release. */
public final class BrokenAgent {

    private BrokenAgent() {}

    public static void main(String[] arguments) {
        if (arguments.length > 0 && arguments[0].equals("version")) {
            System.out.println(
                    "restic-fleet-agent " + BrokenAgent.class.getPackage().getImplementationVersion());
        } else {
            System.exit(1);
        }
    }
}
