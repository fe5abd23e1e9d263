package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.DetachedRun;
import io.resticfleet.agent.restic.ResticEvent;
import io.resticfleet.agent.restic.ResticFailure;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Whether restic will ever open the repository. Since 0.17 it repeats what fails for 15 minutes, also what cannot succeed,
 * such as a wrong key of S3. Ends with restic's first output: what fails later is for restic to repeat.
 *
 * <p>Safe for use by more than one thread.
 */
final class Opening {

    /** Causes that time does not mend. */
    private static final Set<ResticFailure> LASTING = EnumSet.of(
            ResticFailure.AUTH,
            ResticFailure.FORBIDDEN,
            ResticFailure.CERTIFICATE,
            ResticFailure.WRONG_REGION,
            ResticFailure.READ_ONLY,
            ResticFailure.NO_SPACE,
            ResticFailure.REPO_NOT_FOUND);

    private static final int LASTING_REPEATS = 2;

    /** About 20 s. The job itself is tried again later. */
    private static final int REPEATS = 5;

    private boolean over;
    private int repeats;

    /** Whether what restic repeated last opens the repository; the answer to it follows. */
    private boolean repeatsOpening;

    private String last = "";
    private Optional<String> why = Optional.empty();

    synchronized void onEvent(DetachedRun.Output output, ResticEvent event) {
        over = over || output == DetachedRun.Output.STDOUT;
        if (!over && event instanceof ResticEvent.Retrying retrying) {
            repeatsOpening = retrying.opening();
            if (repeatsOpening) {
                repeats++;
                judge("unable to open config file: " + retrying.why()); // as of a restic that does not repeat it
            }
        } else if (!over && repeatsOpening && event instanceof ResticEvent.Text text && text.isAnswer()) {
            judge(last + ": " + text.line());
        }
    }

    private void judge(String message) {
        last = message;
        boolean lasting = LASTING.contains(ResticFailure.classify(1, message));
        why = repeats >= (lasting ? LASTING_REPEATS : REPEATS) ? Optional.of(message) : Optional.empty();
    }

    /** Why it will not, in restic's words; empty as long as it may. */
    synchronized Optional<String> hopeless() {
        return why;
    }
}
