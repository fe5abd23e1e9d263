package io.resticfleet.server.live;

import io.resticfleet.server.db.Change;
import java.util.List;

/** The fragments that every page has. */
public interface Everywhere {

    List<Fragment<?>> fragments(Viewer viewer);

    /** Whether a change can affect them. */
    boolean concerns(Change change);
}
