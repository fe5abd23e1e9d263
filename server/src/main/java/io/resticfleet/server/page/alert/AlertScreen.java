package io.resticfleet.server.page.alert;

import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.frame.Frame;
import java.util.List;

/** One alert. */
record AlertScreen(Frame frame, Fragment<AlertLine> alert) implements PageModel {

    @Override
    public String template() {
        return "alert/page.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return List.of(alert);
    }
}
