package io.resticfleet.agent;

import java.lang.System.Logger.Level;

/**
 * Ends the process when a thread ends by an error, such as of memory: an agent that lacks a thread looks alive and does
 * nothing. The service manager starts it again, and a running restic is taken over.
 */
final class HaltOnError implements Thread.UncaughtExceptionHandler {

    /** Of the process: an internal error, as in sysexits.h. */
    static final int EXIT_CODE = 70;

    @Override
    public void uncaughtException(Thread thread, Throwable error) {
        try {
            System.getLogger(HaltOnError.class.getName())
                    .log(Level.ERROR, "the agent cannot go on, thread=" + thread.getName() + " broke off", error);
        } finally {
            Runtime.getRuntime().halt(EXIT_CODE); // not exit: what runs at an exit may need what is broken
        }
    }
}
