package io.resticfleet.server.page.schedule;

import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.host.HostFrame;
import java.util.List;
import java.util.Map;

/**
 * A schedule, new or old, to be filled in.
 *
 * @param id empty for a new one
 * @param name under which it is saved; empty for a new one
 * @param wrong by field: what is wrong with it; {@code form} for the whole
 * @param zones names of time zones to choose from
 * @param hooks which of them the machine runs, in words
 */
record ScheduleScreen(
        HostFrame host,
        String id,
        String name,
        ScheduleForm form,
        Map<String, String> wrong,
        SchedulePreview when,
        String retention,
        List<String> zones,
        String hooks)
        implements PageModel {

    boolean fresh() {
        return id.isEmpty();
    }

    /** Where it is sent to. */
    String path() {
        return host.path("schedules") + "/" + (fresh() ? "new" : id);
    }

    /** For attributes: whether a field is wrong. */
    String invalid(String field) {
        return wrong.containsKey(field) ? "true" : null;
    }

    @Override
    public String template() {
        return "schedule/page.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return List.of(host.head());
    }
}
