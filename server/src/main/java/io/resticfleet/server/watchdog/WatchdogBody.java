package io.resticfleet.server.watchdog;

import java.util.Optional;

/**
 * What is to be pinged.
 *
 * @param pingUrl http or https; if left out, the one that is set is kept
 * @param everySeconds from 60 to 3600; 300 if left out
 */
public record WatchdogBody(Optional<String> pingUrl, Optional<Integer> everySeconds) {

    @Override
    public String toString() {
        return "WatchdogBody[every " + everySeconds + "]"; // the address is a secret
    }
}
