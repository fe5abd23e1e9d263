package io.resticfleet.server.host;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.web.Problem;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** What operators expect of each host. */
public final class Expectations {

    private final Database db;
    private final Hosts hosts;
    private final Audit audit;

    public Expectations(Database db, Hosts hosts, Audit audit) {
        this.db = db;
        this.hosts = hosts;
        this.audit = audit;
    }

    /** Of those of these hosts that exist, by host id. */
    public Map<HostId, HostExpectations> of(Handle handle, Collection<HostId> ids) {
        return ids.isEmpty()
                ? Map.of()
                : handle.attach(HostQuietDao.class).expectations(ids).stream()
                        .collect(Collectors.toMap(
                                HostQuietDao.ExpectationsRow::id, HostQuietDao.ExpectationsRow::expectations));
    }

    /** @throws Problem 404 */
    public HostExpectations get(HostId id) {
        return db.read(handle -> get(handle, id));
    }

    private HostExpectations get(Handle handle, HostId id) {
        hosts.get(handle, id);
        return of(handle, List.of(id)).get(id);
    }

    /** @throws Problem 404 */
    public void change(Actor actor, HostId id, ExpectationsChange change) {
        if (change.isEmpty()) {
            return;
        }
        db.change(tx -> {
            var wanted = change.of(get(tx, id));
            tx.attach(HostQuietDao.class).expect(id, wanted.comesAndGoes(), wanted.staleAfterDays());
            var detail = new LinkedHashMap<String, Object>();
            detail.put("comes_and_goes", wanted.comesAndGoes());
            wanted.staleAfterDays().ifPresent(days -> detail.put("stale_after_days", days));
            audit.record(tx, actor, "host.expectations", id, id, detail);
        });
    }
}
