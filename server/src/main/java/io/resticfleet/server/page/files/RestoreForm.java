package io.resticfleet.server.page.files;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Overwrite;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.RestoreTarget;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.web.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a user asks to restore, as typed.
 *
 * @param machine id of the one that it is restored to
 * @param target {@code new_folder}, {@code folder} or {@code in_place}
 * @param folder path of the directory; of no meaning for other targets
 * @param overwrite {@code never}, {@code if_newer}, {@code if_changed} or {@code always}; as the next, of no meaning for a new
 *     directory
 * @param dryRun whether it only finds out what would change
 */
record RestoreForm(
        List<SnapshotPath> paths,
        String machine,
        String target,
        String folder,
        String overwrite,
        boolean delete,
        boolean ownershipByName,
        boolean dryRun) {

    /** To a new directory. */
    static RestoreForm of(List<SnapshotPath> paths, String machine) {
        return new RestoreForm(
                paths, machine, RestoreTarget.Kind.NEW_FOLDER.word(), "", Overwrite.NEVER.word(), false, false, false);
    }

    /** As another restore, of which a dry run may be made for real. */
    static RestoreForm of(Restore restore, HostId machine) {
        return new RestoreForm(
                restore.paths(),
                machine.value(),
                restore.target().kind().word(),
                restore.target().path().orElse(""),
                restore.overwrite().word(),
                restore.delete(),
                restore.ownershipByName(),
                false);
    }

    boolean isTarget(String kind) {
        return target.equals(kind);
    }

    /** @throws Problem 400 with a violation for each wrong field */
    HostId hostId() {
        try {
            return new HostId(machine);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(List.of(new Violation("host", "invalid_id", "choose a machine")));
        }
    }

    /** @throws Problem 400 with a violation for each wrong field */
    Restore restore(String snapshotId) {
        var wrong = new ArrayList<Violation>();
        boolean fresh = isTarget(RestoreTarget.Kind.NEW_FOLDER.word());
        var where = read(
                wrong,
                "folder",
                () -> new RestoreTarget(
                        RestoreTarget.Kind.of(target),
                        Optional.of(folder).filter(any -> isTarget(RestoreTarget.Kind.FOLDER.word()))));
        var existing = read(wrong, "overwrite", () -> fresh ? Overwrite.NEVER : Overwrite.of(overwrite));
        if (!wrong.isEmpty()) {
            throw Problem.invalid(wrong);
        }
        return read(
                        wrong,
                        "form",
                        () -> new Restore(
                                snapshotId,
                                paths,
                                where.orElseThrow(),
                                existing.orElseThrow(),
                                delete && !fresh,
                                dryRun,
                                ownershipByName))
                .orElseThrow(() -> Problem.invalid(wrong));
    }

    private static <T> Optional<T> read(List<Violation> wrong, String field, Supplier<T> value) {
        try {
            return Optional.of(value.get());
        } catch (IllegalArgumentException e) {
            wrong.add(new Violation(field, "invalid_" + field, e.getMessage()));
            return Optional.empty();
        }
    }
}
