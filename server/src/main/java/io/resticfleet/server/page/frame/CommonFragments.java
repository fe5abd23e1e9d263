package io.resticfleet.server.page.frame;

import io.resticfleet.server.alert.Alerts;
import io.resticfleet.server.db.Change;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StorageTrouble;
import io.resticfleet.server.live.Everywhere;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.Viewer;
import java.util.List;
import java.util.Optional;

/** What every page shows: trouble with the server's storage, and open alerts. */
public final class CommonFragments implements Everywhere {

    private final Database db;
    private final Alerts alerts;

    public CommonFragments(Database db, Alerts alerts) {
        this.db = db;
        this.alerts = alerts;
    }

    Fragment<Optional<StorageTrouble>> trouble(Viewer viewer) {
        return new Fragment<>("trouble", "frame/trouble.jte", db.trouble(), viewer);
    }

    Fragment<AlertNote> alertCount(Viewer viewer) {
        return new Fragment<>("alert-count", "frame/alert-count.jte", AlertNote.of(alerts.open()), viewer);
    }

    Fragment<AlertNote> alerted(Viewer viewer) {
        return new Fragment<>("alerted", "frame/alerted.jte", AlertNote.of(alerts.open()), viewer);
    }

    @Override
    public List<Fragment<?>> fragments(Viewer viewer) {
        return List.of(trouble(viewer), alertCount(viewer), alerted(viewer));
    }

    @Override
    public boolean concerns(Change change) {
        return change.what().equals("alerts");
    }
}
