package io.resticfleet.faults;

/** Ends a process between two instructions. An {@link Error}, so that no handler of the product catches it. */
public final class Killed extends Error {

    private static final long serialVersionUID = 1L;

    public Killed() {
        super("killed", null, false, false);
    }
}
