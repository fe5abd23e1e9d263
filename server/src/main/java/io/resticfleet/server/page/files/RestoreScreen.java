package io.resticfleet.server.page.files;

import java.util.List;
import java.util.Map;

/**
 * The form that restores files of a snapshot.
 *
 * @param paths what is restored
 * @param basket whether these are what the viewer has chosen of the snapshot; else they are of a link
 * @param machines that use the repository of the snapshot, the one that made it first
 * @param wrong messages by field; that of the whole form as {@code form}
 * @param approval the code that the owner of the machine types there to allow it; empty if that is not needed
 */
record RestoreScreen(
        SnapshotFrame snapshot,
        RestoreForm form,
        List<Path> paths,
        boolean basket,
        List<Machine> machines,
        Map<String, String> wrong,
        String approval) {

    /**
     * A path that is restored.
     *
     * @param readable on one line
     */
    record Path(String readable, PathField field) {}

    /**
     * A machine that can restore.
     *
     * @param lacks what it cannot do, in words; empty if nothing
     */
    record Machine(String id, String name, boolean online, boolean maker, String lacks) {}

    /** Value of {@code aria-invalid} of a field; null for a valid one. */
    String invalid(String field) {
        return wrong.containsKey(field) ? "true" : null;
    }

    String machine() {
        return machines.stream()
                .filter(machine -> machine.id().equals(form.machine()))
                .map(Machine::name)
                .findFirst()
                .orElse("");
    }
}
