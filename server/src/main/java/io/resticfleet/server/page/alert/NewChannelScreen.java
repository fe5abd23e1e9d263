package io.resticfleet.server.page.alert;

import io.resticfleet.server.page.frame.Frame;
import java.util.List;
import java.util.Map;

/**
 * The form of a new channel.
 *
 * @param hosts to choose from
 * @param wrong error messages by field
 */
record NewChannelScreen(Frame frame, ChannelForm form, List<HostChoice> hosts, Map<String, String> wrong) {

    /** A host that a channel can be restricted to. */
    record HostChoice(String id, String name) {}
}
