package io.resticfleet.server.page.alert;

import io.resticfleet.server.channel.Channel;
import io.resticfleet.server.channel.Delivery;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.frame.Frame;
import java.util.List;
import java.util.Map;

/**
 * One channel.
 *
 * @param hosts to choose from
 * @param wrong error messages by field
 */
record ChannelScreen(
        Frame frame,
        Fragment<Channel> head,
        Fragment<Deliveries> deliveries,
        ChannelForm form,
        List<NewChannelScreen.HostChoice> hosts,
        Map<String, String> wrong)
        implements PageModel {

    /** @param more path of the next page; empty if this is the last */
    record Deliveries(List<Delivery> messages, String more) {}

    @Override
    public String template() {
        return "alert/channel.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return List.of(head, deliveries);
    }
}
