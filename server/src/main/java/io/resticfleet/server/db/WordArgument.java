package io.resticfleet.server.db;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import java.lang.reflect.Type;
import java.util.Optional;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.argument.ArgumentFactory;
import org.jdbi.v3.core.config.ConfigRegistry;

/** The protocol's enums and codes by the same words as in JSON, so that both can be read side by side. */
final class WordArgument implements ArgumentFactory {

    @Override
    public Optional<Argument> build(Type type, Object value, ConfigRegistry config) {
        return word(value).map(word -> (position, statement, context) -> statement.setString(position, word));
    }

    private static Optional<String> word(Object value) {
        if (value instanceof JobKind kind) {
            return Optional.of(kind.word());
        }
        if (value instanceof JobStatus status) {
            return Optional.of(status.word());
        }
        if (value instanceof ErrorCode.Reported code) {
            return Optional.of(code.word());
        }
        return value instanceof JobTrigger trigger ? Optional.of(trigger.word()) : Optional.empty();
    }
}
