package io.resticfleet.agent.question;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.Reply;
import java.util.function.BooleanSupplier;

/** Finds answers. Called by several threads at once; a call may never return, as on a network mount that is dead. */
@FunctionalInterface
public interface Answerer {

    /** @param over true once nobody waits for the answer; to be checked often */
    Reply answer(Ask ask, BooleanSupplier over);
}
