package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** A job for an agent: complete, or a run of a schedule by the agent's own copy. */
@JsonPropertyOrder("kind")
public sealed interface JobOrder permits JobSpec, JobOrder.AsHeld {

    @JsonProperty
    JobKind kind();

    /** The schedule that this run belongs to; absent for one-shots, and where the agent's own copy applies. */
    Optional<Schedule> scheduled();

    /** The feature in the {@link Hello} of an agent that runs this, and not something else; empty if every agent does. */
    default Optional<String> feature() {
        return kind().feature();
    }

    /**
     * A run that the agent started, by its own copy of the schedule: the answer of a server that may know less, as
     * after a restore. In JSON, a kind that needs a schedule, without one.
     */
    record AsHeld(JobKind kind) implements JobOrder {

        @Override
        public Optional<Schedule> scheduled() {
            return Optional.empty();
        }
    }

    /** Reads either kind from the fields of the enclosing message. */
    final class Reader extends UnwrappedReader<JobOrder> {
        private static final long serialVersionUID = 1L;

        Reader() {
            super(JobOrder.class, "kind");
        }

        @Override
        Class<? extends JobOrder> type(String word, JsonNode fields) {
            var kind = JobKind.of(word);
            boolean needsSchedule = kind.schedulable() && !kind.oneShot() && !fields.hasNonNull("to");
            return needsSchedule && !fields.hasNonNull("schedule") ? AsHeld.class : JobSpecReader.type(kind);
        }

        @Override
        Reader copy() {
            return new Reader();
        }
    }
}
