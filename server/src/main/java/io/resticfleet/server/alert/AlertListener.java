package io.resticfleet.server.alert;

import java.util.List;
import org.jdbi.v3.core.Handle;

/** Takes what is to be sent, in the transaction that changes the alerts, so that neither can be without the other. */
public interface AlertListener {

    void changed(Handle tx, List<AlertEvent> events);
}
