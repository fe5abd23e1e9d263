package io.resticfleet.agent.upgrade;

/** Why the agent stays what it is, in words for the operator. */
final class UpgradeFailed extends Exception {
    private static final long serialVersionUID = 1L;

    UpgradeFailed(String why) {
        super(why);
    }
}
