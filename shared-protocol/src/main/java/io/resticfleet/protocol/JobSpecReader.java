package io.resticfleet.protocol;

import com.fasterxml.jackson.databind.JsonNode;

/** Reads a {@link JobSpec} from the fields of the enclosing object. */
public final class JobSpecReader extends UnwrappedReader<JobSpec> {
    private static final long serialVersionUID = 1L;

    public JobSpecReader() {
        super(JobSpec.class, "kind");
    }

    @Override
    Class<? extends JobSpec> type(String word, JsonNode fields) {
        return JobSpec.type(JobKind.of(word));
    }

    @Override
    JobSpecReader copy() {
        return new JobSpecReader();
    }
}
