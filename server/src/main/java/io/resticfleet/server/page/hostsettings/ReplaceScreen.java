package io.resticfleet.server.page.hostsettings;

import io.resticfleet.server.host.Host;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.host.HostFrame;
import java.util.List;
import java.util.Map;

/**
 * Replacing a host's machine.
 *
 * @param command to be run on the new machine; empty before the password is given
 * @param warnings sentences about what will go wrong
 * @param wrong error messages by field
 */
record ReplaceScreen(HostFrame frame, Host host, String command, List<String> warnings, Map<String, String> wrong)
        implements PageModel {

    ReplaceScreen {
        warnings = List.copyOf(warnings);
    }

    @Override
    public String template() {
        return "hostsettings/replace.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return frame.and();
    }
}
