package io.resticfleet.server.digest;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.server.alert.Alert;
import io.resticfleet.server.channel.DigestEvery;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a digest is about.
 *
 * @param from start of the time in which runs ended that count
 * @param until its end, exclusive
 * @param hosts number of all that the channel is about
 * @param ok of these, those backed up without a known problem
 * @param alerts open ones that nobody has acknowledged, most severe first
 * @param acknowledged open ones that somebody has
 * @param backups of each host, in the order of names
 * @param others runs of other kinds
 * @param growth of each repository that was measured
 * @param provenHosts number of hosts of which each backup schedule was proven by a drill within 30 days
 * @param unproven names of hosts with a backup schedule of which no restore was ever proven
 * @param waiting names of hosts that wait for their first backup, or have no backup schedule
 * @param nextDue when the next backup is due; absent if none is
 */
public record Digest(
        DigestEvery every,
        Instant from,
        Instant until,
        int hosts,
        int ok,
        List<Alert> alerts,
        List<Alert> acknowledged,
        List<HostBackups> backups,
        List<KindRuns> others,
        List<Growth> growth,
        int provenHosts,
        List<String> unproven,
        List<String> waiting,
        Optional<Instant> nextDue) {

    /**
     * The backups of a host.
     *
     * @param failed also interrupted ones
     * @param added bytes
     */
    public record HostBackups(String host, int succeeded, int partial, int failed, int missed, long added) {

        public int all() {
            return succeeded + partial + failed + missed;
        }

        public boolean whole() {
            return partial + failed + missed == 0;
        }
    }

    /** Numbers of runs of a kind other than backups. */
    public record KindRuns(JobKind kind, int succeeded, int others) {}

    /**
     * The size of a repository, in bytes.
     *
     * @param before at the start of the time; absent if it was not measured by then
     */
    public record Growth(String name, Optional<Long> before, long now) {}
}
