package io.resticfleet.protocol;

import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import java.io.IOException;

/**
 * Reads enum values of newer peers: an unknown trigger as {@link JobTrigger#AUTO}, an unknown status as
 * {@link JobStatus#FAILED}, as a result that could not be read would be lost. An unknown kind of job remains an error:
 * such a job can neither run nor be displayed.
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
