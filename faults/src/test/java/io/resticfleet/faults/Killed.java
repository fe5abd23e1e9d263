package io.resticfleet.faults;

/** What ends a process between two instructions. An error, so that no handler of the product's takes it for its own. */
final class Killed extends Error {

    private static final long serialVersionUID = 1L;

    Killed() {
        super("killed", null, false, false);
    }
}
