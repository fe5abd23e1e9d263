package io.resticfleet.server.retention;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ScheduleId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the server recorded of a schedule: its versions, the gaps of its host, and which snapshot has which slot. */
public final class ScheduleRecord {

    private final ScheduleId schedule;
    private final HostId host;
    private final DueTimes dueTimes;
    private final List<Gap> gaps;
    private final Map<String, Binding> bindings = new LinkedHashMap<>();
    private final Map<Slot, List<Binding>> used = new HashMap<>();

    /** @param bindings also of snapshots that are gone: their slots stay used */
    public ScheduleRecord(
            ScheduleId schedule, HostId host, DueTimes dueTimes, List<Gap> gaps, Collection<Binding> bindings) {
        this.schedule = schedule;
        this.host = host;
        this.dueTimes = dueTimes;
        this.gaps = List.copyOf(gaps);
        bindings.forEach(this::add);
    }

    public ScheduleId schedule() {
        return schedule;
    }

    public HostId host() {
        return host;
    }

    public DueTimes dueTimes() {
        return dueTimes;
    }

    public List<Gap> gaps() {
        return gaps;
    }

    public Optional<Binding> binding(String snapshotId) {
        return Optional.ofNullable(bindings.get(snapshotId));
    }

    public Collection<Binding> bindings() {
        return bindings.values();
    }

    /** The snapshots of a slot. */
    List<Binding> at(Slot slot) {
        return used.getOrDefault(slot, List.of());
    }

    void add(Binding binding) {
        bindings.put(binding.snapshotId(), binding);
        used.computeIfAbsent(binding.slot(), slot -> new ArrayList<>()).add(binding);
    }
}
