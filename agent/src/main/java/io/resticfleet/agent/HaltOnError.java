package io.resticfleet.agent;

import java.lang.System.Logger.Level;

/**
 * Halts the process when a thread fails, such as by lack of memory: an agent without one of its threads would look
 * alive and do nothing. The service manager restarts it, and a running restic is taken over.
 */
final class HaltOnError implements Thread.UncaughtExceptionHandler {

    /** Exit code of the process: internal error, as EX_SOFTWARE in sysexits.h. */
    static final int EXIT_CODE = 70;

    @Override
    public void uncaughtException(Thread thread, Throwable error) {
        try {
            System.getLogger(HaltOnError.class.getName())
                    .log(Level.ERROR, "the agent exits, as a thread failed thread=" + thread.getName(), error);
        } finally {
            Runtime.getRuntime().halt(EXIT_CODE); // not exit: shutdown hooks may need what is broken
        }
    }
}
