package io.resticfleet.server.page.schedule;

import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.host.HostFrame;
import io.resticfleet.server.schedule.ScheduleBrief;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The form of a new or existing schedule.
 *
 * @param id absent for a new one
 * @param name the saved name; empty for a new one
 * @param wrong error messages by field; {@code form} for the whole form
 * @param zones names of time zones to choose from
 * @param hooks which hooks the machine allows, in words
 * @param repositories of the machine, the default first; which one is asked for only if there are several
 * @param backups the machine's enabled backup schedules, for a drill to choose from
 * @param warnings sentences about what will go wrong
 */
record ScheduleScreen(
        HostFrame host,
        Optional<ScheduleId> id,
        String name,
        ScheduleForm form,
        Map<String, String> wrong,
        SchedulePreview when,
        String retention,
        List<String> zones,
        String hooks,
        List<ScheduleRepository> repositories,
        List<ScheduleBrief> backups,
        List<String> warnings)
        implements PageModel {

    boolean fresh() {
        return id.isEmpty();
    }

    /** Target of the form. */
    String path() {
        return host.path("schedules") + "/" + id.map(ScheduleId::value).orElse("new");
    }

    /** Value of {@code aria-invalid}; null leaves the attribute out. */
    String invalid(String field) {
        return wrong.containsKey(field) ? "true" : null;
    }

    @Override
    public String template() {
        return "schedule/page.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return host.and();
    }
}
