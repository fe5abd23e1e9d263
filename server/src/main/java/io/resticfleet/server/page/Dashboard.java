package io.resticfleet.server.page;

import io.resticfleet.server.web.Piece;
import io.resticfleet.server.web.Screen;
import java.util.ArrayList;
import java.util.List;

/**
 * All machines at a glance.
 *
 * @param tags of any schedule, for the filter
 * @param hosts the cards in a row, each a piece of its own
 * @param others cards that the viewer has called up beyond those
 */
record Dashboard(
        Frame frame,
        HostFilter filter,
        List<String> tags,
        Piece<Verdict> verdict,
        Piece<Grid> hosts,
        List<Piece<HostCard>> others,
        Piece<Activity> activity)
        implements Screen {

    /**
     * Cards, of which each is told of by itself: another version only means that other hosts are there.
     *
     * @param all ids of the hosts that match
     * @param more from which on there are more; 0 if there are none
     */
    record Grid(HostFilter filter, List<String> all, List<Piece<HostCard>> cards, int more, int known) {
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
        var pieces = new ArrayList<Piece<?>>(List.of(verdict, hosts, activity));
        pieces.addAll(hosts.model().cards());
        others.stream()
                .filter(other -> hosts.model().cards().stream()
                        .noneMatch(card -> card.id().equals(other.id())))
                .forEach(pieces::add);
        return pieces;
    }
}
