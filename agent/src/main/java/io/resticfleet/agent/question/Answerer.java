package io.resticfleet.agent.question;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.Reply;
import java.util.function.BooleanSupplier;

/** Finds answers. Called by several threads at once; a call may never return, as on a dead network mount. */
@FunctionalInterface
public interface Answerer {

    /** @param over true once the answer is not needed any more; check it often */
    Reply answer(Ask ask, BooleanSupplier over);
}
