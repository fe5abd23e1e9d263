package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The fields of a message's frame, as its record has them.
 *
 * @param mayBeAbsent whether the message can be read without it
 */
record WireFields(String name, boolean mayBeAbsent) {

    static List<String> optional(Object message) {
        return of(message).filter(WireFields::mayBeAbsent).map(WireFields::name).toList();
    }

    static List<String> required(Object message) {
        return of(message)
                .filter(field -> !field.mayBeAbsent())
                .map(WireFields::name)
                .toList();
    }

    private static Stream<WireFields> of(Object message) {
        return Stream.of(message.getClass().getRecordComponents()).flatMap(component -> of(message, component));
    }

    private static Stream<WireFields> of(Object message, RecordComponent component) {
        var accessor = component.getAccessor();
        if (accessor.isAnnotationPresent(JsonUnwrapped.class)) {
            return of(value(message, component));
        }
        var given = accessor.getAnnotation(JsonProperty.class);
        var name = given != null && !given.value().isEmpty()
                ? given.value()
                : new SnakeCaseStrategy().translate(component.getName());
        boolean asHeld = message instanceof JobSpec // see JobOrder.AsHeld
                && (component.getType() == Schedule.class
                        || message instanceof JobSpec.Copy && component.getType() == RepositoryId.class);
        var reader = accessor.getAnnotation(JsonDeserialize.class);
        boolean hasDefault = reader != null && reader.using() == FalseIfAbsent.class;
        return Stream.of(new WireFields(name, asHeld || hasDefault || component.getType() == Optional.class));
    }

    private static Object value(Object message, RecordComponent component) {
        try {
            return component.getAccessor().invoke(message);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
