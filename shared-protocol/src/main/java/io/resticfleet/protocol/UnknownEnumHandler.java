package io.resticfleet.protocol;

import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import java.io.IOException;

/**
 * What is understood by a word that only a newer peer knows: a trigger is the agent's own reason, and an end that is not
 * known is no success. A result that could not be read would be lost. Another kind of job remains unreadable: it cannot
 * be done, nor shown.
 */
final class UnknownEnumHandler extends DeserializationProblemHandler {

    @Override
    public Object handleInstantiationProblem(
            DeserializationContext context, Class<?> type, Object argument, Throwable problem) throws IOException {
        if (type == JobTrigger.class) {
            return JobTrigger.AUTO;
        }
        return type == JobStatus.class ? JobStatus.FAILED : NOT_HANDLED;
    }
}
