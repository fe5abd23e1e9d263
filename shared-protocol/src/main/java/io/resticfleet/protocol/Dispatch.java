package io.resticfleet.protocol;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A table from message type to the code that handles it: the WebSocket's counterpart to an HTTP route table.
 *
 * <pre>{@code
 * var table = Dispatch.<Peer, ToServer>of(ToServer.class)
 *         .on(ToServer.ScheduleAck.class, schedules::acked)
 *         .on(ToServer.Heartbeat.class, hosts::seen)
 *         .build(); // throws if a kind of ToServer has no handler
 * table.handle(peer, message);
 * }</pre>
 *
 * <p>Replaces a {@code switch} over a sealed type, which Java 17 lacks: {@link Builder#build} checks completeness in place of the compiler. Immutable; safe for use by many threads.
 *
 * @param <P> the peer a message came from
 * @param <M> the sealed interface of messages
 */
public final class Dispatch<P, M> {

    /** Handles one kind of message. */
    @FunctionalInterface
    public interface Handler<P, M> {
        void handle(P peer, M message);
    }

    private final Map<Class<?>, Handler<P, M>> handlers;

    private Dispatch(Map<Class<?>, Handler<P, M>> handlers) {
        this.handlers = Map.copyOf(handlers);
    }

    public static <P, M> Builder<P, M> of(Class<M> messages) {
        return new Builder<>(messages);
    }

    /** Runs the message's handler on the calling thread, and passes on its exceptions. */
    public void handle(P peer, M message) {
        handlers.get(message.getClass()).handle(peer, message);
    }

    /** Collects handlers, one for each kind of message. */
    public static final class Builder<P, M> {
        private final Class<M> messages;
        private final Map<Class<?>, Handler<P, M>> handlers = new HashMap<>();

        private Builder(Class<M> messages) {
            this.messages = messages;
        }

        /** @throws IllegalStateException if {@code type} already has a handler */
        public <T extends M> Builder<P, M> on(Class<T> type, Handler<? super P, ? super T> handler) {
            if (handlers.put(type, (peer, message) -> handler.handle(peer, type.cast(message))) != null) {
                throw new IllegalStateException(type.getSimpleName() + " has two handlers");
            }
            return this;
        }

        /** @throws IllegalStateException naming every kind of message without a handler */
        public Dispatch<P, M> build() {
            List<String> missing = Wire.kinds(messages).stream()
                    .filter(type -> !handlers.containsKey(type))
                    .map(Class::getSimpleName)
                    .toList();
            if (!missing.isEmpty()) {
                throw new IllegalStateException("no handler for " + missing);
            }
            return new Dispatch<>(handlers);
        }
    }
}
