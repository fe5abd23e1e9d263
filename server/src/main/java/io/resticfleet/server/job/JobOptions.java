package io.resticfleet.server.job;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobSpecReader;
import io.resticfleet.server.db.StoredJson;

/** What a job without a schedule does, as stored with it. A probe is never stored, as it has secrets. */
record JobOptions(
        @JsonUnwrapped @JsonDeserialize(using = JobSpecReader.class)
        JobSpec spec) {

    static String write(JobSpec spec) {
        if (spec instanceof JobSpec.Probe) {
            throw new IllegalArgumentException("a probe has secrets");
        }
        return StoredJson.write(spec);
    }

    static JobSpec read(String json) {
        return StoredJson.read(json, JobOptions.class).spec();
    }
}
