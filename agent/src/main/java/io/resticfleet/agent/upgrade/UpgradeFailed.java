package io.resticfleet.agent.upgrade;

/** The reason why an upgrade failed, in the operator's words. */
final class UpgradeFailed extends Exception {
    private static final long serialVersionUID = 1L;

    UpgradeFailed(String why) {
        super(why);
    }
}
