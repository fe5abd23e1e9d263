package io.resticfleet.server.page;

import io.resticfleet.server.web.Piece;
import io.resticfleet.server.web.Screen;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * All machines at a glance.
 *
 * @param tags of any schedule, for the filter
 * @param cards that the viewer has before them; of no interest for a page that is only being made
 */
record Dashboard(
        Frame frame,
        HostFilter filter,
        List<String> tags,
        Piece<Verdict> verdict,
        Piece<RestoredNote> restored,
        Piece<Grid> hosts,
        List<Piece<HostCard>> cards,
        Piece<Activity> activity)
        implements Screen {

    /**
     * Cards, of which each is told of by itself: another version only means that other hosts are there.
     *
     * @param all ids of the hosts that match
     * @param window makes the cards; costs what it costs only if they are shown
     * @param more from which on there are more; 0 if there are none
     */
    record Grid(HostFilter filter, List<String> all, Supplier<List<Piece<HostCard>>> window, int more, int known) {

        List<Piece<HostCard>> cards() {
            return window.get();
        }

        @Override
        public String toString() {
            return filter + " " + all.stream().sorted().toList();
        }
    }

    record Activity(List<JobLine> jobs) {}

    @Override
    public String template() {
        return "dashboard.jte";
    }

    @Override
    public List<Piece<?>> pieces() {
        var pieces = new ArrayList<Piece<?>>(List.of(verdict, restored, hosts, activity));
        pieces.addAll(cards);
        return pieces;
    }
}
