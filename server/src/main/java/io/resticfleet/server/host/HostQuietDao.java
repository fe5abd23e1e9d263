package io.resticfleet.server.host;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Pause;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/**
 * The {@code host_silences} and {@code host_pauses} tables, and what is expected of hosts. Other features use {@link
 * HostSilences}, {@link Pauses} and {@link Expectations}.
 */
interface HostQuietDao {

    record ExpectationsRow(HostId id, boolean comesAndGoes, Optional<Integer> staleAfterDays) {

        HostExpectations expectations() {
            return new HostExpectations(comesAndGoes, staleAfterDays);
        }
    }

    /** A silence or a pause. */
    record QuietRow(HostId hostId, Instant at, String by, Optional<Instant> until, Optional<String> reason) {

        Pause pause() {
            return new Pause(at, by, until, reason);
        }

        Silence silence() {
            return new Silence(at, by, until, reason);
        }
    }

    @SqlQuery("SELECT id, comes_and_goes, stale_after_days FROM hosts WHERE id IN (<ids>)")
    List<ExpectationsRow> expectations(@BindList Collection<HostId> ids);

    @SqlUpdate("UPDATE hosts SET comes_and_goes = :comesAndGoes, stale_after_days = :staleAfterDays WHERE id = :id")
    void expect(HostId id, boolean comesAndGoes, Optional<Integer> staleAfterDays);

    @SqlQuery("""
            SELECT host_id, silenced_at AS at, silenced_by AS by, until_at AS until, reason
              FROM host_silences
             WHERE host_id IN (<hostIds>)
               AND (until_at IS NULL OR until_at > :now)
            """)
    List<QuietRow> silences(@BindList Collection<HostId> hostIds, Instant now);

    @SqlUpdate("""
            INSERT OR REPLACE INTO host_silences (host_id, silenced_at, silenced_by, until_at, reason)
            VALUES (:hostId, :since, :by, :until, :reason)
            """)
    void silence(HostId hostId, Instant since, String by, Optional<Instant> until, Optional<String> reason);

    @SqlUpdate("DELETE FROM host_silences WHERE host_id = :hostId")
    int unsilence(HostId hostId);

    /** Of those that overlap, as after a clock was set back, the newest. */
    @SqlQuery("""
            SELECT host_id, max(paused_at) AS at, paused_by AS by, until_at AS until, reason
              FROM host_pauses
             WHERE host_id IN (<hostIds>)
               AND resumed_at IS NULL
               AND (until_at IS NULL OR until_at > :now)
             GROUP BY host_id
            """)
    List<QuietRow> pauses(@BindList Collection<HostId> hostIds, Instant now);

    @SqlQuery("""
            SELECT host_id, paused_at AS at, paused_by AS by, until_at AS until, reason
              FROM host_pauses
             WHERE host_id = :hostId
               AND paused_at <= :at
               AND (until_at IS NULL OR until_at > :at)
               AND (resumed_at IS NULL OR resumed_at > :at)
             ORDER BY paused_at DESC
             LIMIT 1
            """)
    Optional<QuietRow> pauseAt(HostId hostId, Instant at);

    @SqlUpdate("""
            INSERT OR REPLACE INTO host_pauses (host_id, paused_at, paused_by, until_at, reason)
            VALUES (:hostId, :since, :by, :until, :reason)
            """)
    void pause(HostId hostId, Instant since, String by, Optional<Instant> until, Optional<String> reason);

    /** Ends all that have not ended. */
    @SqlUpdate("""
            UPDATE host_pauses
               SET resumed_at = :now
             WHERE host_id = :hostId
               AND resumed_at IS NULL
               AND (until_at IS NULL OR until_at > :now)
            """)
    int resume(HostId hostId, Instant now);

    @SqlUpdate("DELETE FROM host_pauses WHERE host_id = :hostId AND coalesce(resumed_at, until_at) < :before")
    void deleteEnded(HostId hostId, Instant before);

    @SqlUpdate("""
            DELETE FROM host_pauses
             WHERE host_id = :hostId
               AND paused_at NOT IN (SELECT paused_at
                                       FROM host_pauses
                                      WHERE host_id = :hostId
                                      ORDER BY paused_at DESC
                                      LIMIT :limit)
            """)
    void deleteOldest(HostId hostId, int limit);
}
