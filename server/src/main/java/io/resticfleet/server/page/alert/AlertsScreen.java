package io.resticfleet.server.page.alert;

import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.frame.Frame;
import io.resticfleet.server.page.text.Figures;
import java.util.List;

/**
 * The list of alerts.
 *
 * @param host name of the host to which the list is restricted; empty for all
 */
record AlertsScreen(Frame frame, String host, Fragment<Open> open, Fragment<Past> past) implements PageModel {

    /**
     * @param alerts a part of those that are open, the most severe first
     * @param all how many are open
     * @param told whether a channel gets alerts
     * @param more path of the next part; empty if this is the last
     */
    record Open(List<AlertLine> alerts, int all, boolean told, String more) {

        /** The heading. */
        String words() {
            return all == 0 ? "Nothing is wrong" : Figures.count(all, "open alert", "open alerts");
        }
    }

    /**
     * @param alerts the newest first
     * @param more path of the next page; empty if this is the last
     */
    record Past(List<AlertLine> alerts, String more) {}

    @Override
    public String template() {
        return "alert/list.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return List.of(open, past);
    }
}
