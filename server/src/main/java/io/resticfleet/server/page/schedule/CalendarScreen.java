package io.resticfleet.server.page.schedule;

import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.page.host.HostFrame;
import java.util.List;

/** A calendar on a page of its own, for browsers without scripts. */
record CalendarScreen(HostFrame host, RetentionCalendar calendar, Viewer viewer, String back) implements PageModel {

    @Override
    public String template() {
        return "schedule/calendar-page.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return host.and();
    }
}
