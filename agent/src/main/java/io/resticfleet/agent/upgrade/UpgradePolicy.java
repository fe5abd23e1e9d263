package io.resticfleet.agent.upgrade;

/**
 * Whether the machine's owner allows its server to replace the agent's program, which amounts to root. Read each time,
 * as the owner may change it.
 */
@FunctionalInterface
public interface UpgradePolicy {

    UpgradePolicy OFF = () -> false;

    UpgradePolicy FROM_SERVER = () -> true;

    boolean allows();
}
