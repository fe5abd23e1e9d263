package io.resticfleet.server.page.alert;

import io.resticfleet.server.channel.Channel;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.frame.Frame;
import io.resticfleet.server.watchdog.WatchdogView;
import java.util.List;

/** The list of channels. */
record ChannelsScreen(Frame frame, Fragment<Shown> list, WatchdogView watchdog) implements PageModel {

    record Shown(List<Channel> channels) {

        /** Whether one of them gets alerts. */
        boolean tells() {
            return channels.stream().anyMatch(channel -> channel.kind().takesAlerts());
        }
    }

    @Override
    public String template() {
        return "alert/channels.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return List.of(list);
    }
}
