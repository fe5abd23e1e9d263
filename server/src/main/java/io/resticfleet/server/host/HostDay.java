package io.resticfleet.server.host;

import io.resticfleet.protocol.HostId;
import java.util.Optional;

/**
 * What one host has used of its quota on one day.
 *
 * @param day in UTC, since 1970
 * @param jobs that its reports added
 * @param jobsDropped beyond the quota: acknowledged and counted only
 * @param logBytesDropped beyond the quota
 * @param unstorable results that can never be stored: acknowledged and counted only
 * @param unstorableReason why the last of them cannot be stored; absent if there was none
 * @param unstorableFrame its beginning
 */
public record HostDay(
        HostId hostId,
        long day,
        long jobs,
        long logBytes,
        long jobsDropped,
        long logBytesDropped,
        long unstorable,
        Optional<String> unstorableReason,
        Optional<String> unstorableFrame) {

    static HostDay unused(HostId hostId, long day) {
        return new HostDay(hostId, day, 0, 0, 0, 0, 0, Optional.empty(), Optional.empty());
    }
}
