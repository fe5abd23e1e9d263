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
    private final Map<String, Binding> bindings;

    /** Bindings by their slots; empty until they are asked for, as plans do not need them. */
    private Optional<Map<Slot, List<Binding>>> used = Optional.empty();

    /** @param bindings also of snapshots that are gone: their slots stay used */
    public ScheduleRecord(
            ScheduleId schedule, HostId host, DueTimes dueTimes, List<Gap> gaps, Collection<Binding> bindings) {
        this.schedule = schedule;
        this.host = host;
        this.dueTimes = dueTimes;
        this.gaps = List.copyOf(gaps);
        this.bindings = new LinkedHashMap<>(2 * bindings.size());
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
        if (used.isEmpty()) {
            var bySlot = new HashMap<Slot, List<Binding>>();
            bindings.values().forEach(binding -> use(bySlot, binding));
            used = Optional.of(bySlot);
        }
        return used.get().getOrDefault(slot, List.of());
    }

    void add(Binding binding) {
        bindings.put(binding.snapshotId(), binding);
        used.ifPresent(bySlot -> use(bySlot, binding));
    }

    private static void use(Map<Slot, List<Binding>> bySlot, Binding binding) {
        bySlot.computeIfAbsent(binding.slot(), slot -> new ArrayList<>()).add(binding);
    }
}
