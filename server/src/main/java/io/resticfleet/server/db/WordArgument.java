package io.resticfleet.server.db;

import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Id;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import java.lang.reflect.Type;
import java.util.Optional;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.argument.ArgumentFactory;
import org.jdbi.v3.core.config.ConfigRegistry;

/** The protocol's ids and enums, {@link CatchUp} and error codes, stored with the same words as in JSON. */
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
        if (value instanceof Id id) {
            return Optional.of(id.value());
        }
        if (value instanceof CatchUp catchUp) {
            return Optional.of(catchUp.toString());
        }
        return value instanceof JobTrigger trigger ? Optional.of(trigger.word()) : Optional.empty();
    }
}
