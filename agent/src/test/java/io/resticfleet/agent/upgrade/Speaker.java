package io.resticfleet.agent.upgrade;

/** What a new jar does when it is rehearsed. */
public final class Speaker {

    private Speaker() {}

    public static void main(String[] arguments) {
        System.out.println("restic-fleet-agent " + Speaker.class.getPackage().getImplementationVersion());
    }
}
