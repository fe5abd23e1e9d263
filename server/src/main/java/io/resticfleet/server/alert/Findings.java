package io.resticfleet.server.alert;

import java.util.List;
import java.util.Set;

/**
 * What one look has found.
 *
 * @param conditions those that are true
 * @param unknown keys of which nothing can be told now, as of hosts that have not reconnected since the server started; their
 *     alerts stay as they are
 */
public record Findings(List<Condition> conditions, Set<AlertKey> unknown) {}
