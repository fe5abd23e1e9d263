package io.resticfleet.server.alert;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;

/**
 * What an open alert is about: there is at most one for each key. Its kind and severity can change while it is open, as from
 * a failed backup to a stale one.
 *
 * @param value such as {@code schedule/01J…} or {@code host/01J…/offline}
 */
public record AlertKey(String value) {

    /** All that is wrong with the runs of a schedule. */
    public static AlertKey schedule(ScheduleId id) {
        return new AlertKey("schedule/" + id.value());
    }

    /** @param aspect a word, such as {@code offline} */
    public static AlertKey host(HostId id, String aspect) {
        return new AlertKey("host/" + id.value() + "/" + aspect);
    }

    /** @param aspect a word, such as {@code status} */
    public static AlertKey repository(RepositoryId id, String aspect) {
        return new AlertKey("repository/" + id.value() + "/" + aspect);
    }

    /** @param aspect a word, such as {@code disk} */
    public static AlertKey server(String aspect) {
        return new AlertKey("server/" + aspect);
    }
}
