package io.resticfleet.agent.restic;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Starts programs that outlive the agent, and finds them again. */
public interface Programs {

    /** Real processes of this machine. */
    Programs OF_SYSTEM = new Programs() {
        @Override
        public DetachedRun start(Path directory, List<String> command, Map<String, String> environment)
                throws IOException {
            return DetachedRun.start(directory, command, environment);
        }

        @Override
        public DetachedRun adopt(Path directory) {
            return DetachedRun.adopt(directory);
        }
    };

    /**
     * Starts a program.
     *
     * @param directory exists and is empty
     * @param environment complete; nothing is inherited
     */
    DetachedRun start(Path directory, List<String> command, Map<String, String> environment) throws IOException;

    /** The program that an earlier agent process started in this directory. */
    DetachedRun adopt(Path directory);
}
