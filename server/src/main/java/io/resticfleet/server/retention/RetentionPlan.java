package io.resticfleet.server.retention;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to do with the snapshots of one schedule.
 *
 * @param keep reasons, at least one, by the id of each snapshot that stays
 * @param remove full ids, oldest slot first
 * @param held nothing may be removed for now, and why; absent if it may
 */
public record RetentionPlan(Map<String, List<String>> keep, List<String> remove, Optional<Hold> held) {}
