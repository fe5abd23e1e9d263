package io.resticfleet.agent.upgrade;

/**
 * Whether the machine's owner lets its server replace the agent's program: whoever may do that is root here. Asked each
 * time, as the owner may think otherwise meanwhile.
 */
@FunctionalInterface
public interface UpgradePolicy {

    UpgradePolicy OFF = () -> false;

    UpgradePolicy FROM_SERVER = () -> true;

    boolean allows();
}
