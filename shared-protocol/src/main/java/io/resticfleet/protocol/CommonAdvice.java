package io.resticfleet.protocol;

/** Advice that several codes share. */
final class CommonAdvice {

    static final String CORRECT_REPOSITORY = "Correct the repository's password and credentials, then run it again.";
    static final String MEANT =
            "Until then old snapshots are kept. If this is meant, accept the latest such run; to allow it always, set the"
                    + " schedule's option \"Allow an empty source\".";
    static final String LOOKED =
            "Until you accept this run, no snapshots of the schedule are removed. If it was not meant, restore the files"
                    + " from an earlier snapshot, then accept it.";
    static final String OUT_OF_MEMORY = "Often the machine was out of memory. Look into its system log.";

    private CommonAdvice() {}
}
