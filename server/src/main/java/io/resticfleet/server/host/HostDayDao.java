package io.resticfleet.server.host;

import io.resticfleet.protocol.HostId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code host_days} table. Other features use {@link HostUsage}. */
interface HostDayDao {

    @SqlQuery("SELECT * FROM host_days WHERE host_id = :hostId AND day = :day")
    Optional<HostDay> find(HostId hostId, long day);

    @SqlQuery("SELECT * FROM host_days WHERE host_id IN (<hostIds>) AND day = :day")
    List<HostDay> of(@BindList Collection<HostId> hostIds, long day);

    @SqlUpdate("""
            INSERT INTO host_days (host_id, day, jobs, jobs_dropped, log_bytes, log_bytes_dropped)
            VALUES (:hostId, :day, :jobs, :jobsDropped, :logBytes, :logBytesDropped)
            ON CONFLICT (host_id, day) DO UPDATE
               SET jobs = jobs + excluded.jobs, jobs_dropped = jobs_dropped + excluded.jobs_dropped,
                   log_bytes = log_bytes + excluded.log_bytes,
                   log_bytes_dropped = log_bytes_dropped + excluded.log_bytes_dropped
            """)
    void add(HostId hostId, long day, long jobs, long jobsDropped, long logBytes, long logBytesDropped);

    @SqlUpdate("""
            INSERT INTO host_days (host_id, day, unstorable, unstorable_reason, unstorable_frame)
            VALUES (:hostId, :day, 1, :reason, :frame)
            ON CONFLICT (host_id, day) DO UPDATE
               SET unstorable = unstorable + 1, unstorable_reason = excluded.unstorable_reason,
                   unstorable_frame = excluded.unstorable_frame
            """)
    void addUnstorable(HostId hostId, long day, String reason, String frame);

    @SqlUpdate("DELETE FROM host_days WHERE day < :day")
    void deleteOlder(long day);
}
