package io.resticfleet.server.host;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.link.CloneMemory;
import java.util.List;
import java.util.Map;

/** The stored clones of hosts. Safe for use by many threads. */
public final class Clones implements CloneMemory {

    private final Database db;

    public Clones(Database db) {
        this.db = db;
    }

    @Override
    public Map<HostId, List<Clone>> load() {
        return db.read(handle -> handle.attach(CloneDao.class).all()).stream()
                .collect(groupingBy(CloneDao.Row::hostId, mapping(CloneDao.Row::toClone, toList())));
    }

    /** Not while there is storage trouble: clones are soon detected again. */
    @Override
    public void store(HostId hostId, List<Clone> clones) {
        db.note(tx -> {
            var dao = tx.attach(CloneDao.class);
            dao.clear(hostId);
            clones.forEach(clone -> dao.insert(CloneDao.Row.of(hostId, clone)));
        });
    }
}
