package io.resticfleet.server.page.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.job.JobLine;
import io.resticfleet.server.repository.RepositoryFindings;
import io.resticfleet.server.repository.RepositoryView;
import io.resticfleet.server.retention.CopyView;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A repository: its state, its machines, the jobs at it and its snapshots.
 *
 * @param targets repositories to which it can be copied
 */
record RepositoryScreen(
        RepositoryFrame frame,
        Fragment<PendingChange> pending,
        Fragment<State> state,
        Fragment<PasswordScreen.Progress> rotation,
        Fragment<Findings> findings,
        List<RepositoryView> targets,
        Fragment<Machines> machines,
        Fragment<Queue> queue,
        Fragment<Copies> copies,
        Fragment<Contents> contents)
        implements PageModel {

    /**
     * Its state.
     *
     * @param maintainer name of the host that removes from it; empty if there is none
     * @param growth in words; empty if it is not known
     */
    record State(RepositoryView repository, String maintainer, String growth) {

        String tone() {
            return RepositoryWords.tone(repository);
        }

        String words() {
            return RepositoryWords.status(repository);
        }

        String advice() {
            return RepositoryWords.advice(repository);
        }

        String kind() {
            return RepositoryKind.of(repository.url()).label();
        }

        String removable() {
            return RepositoryWords.appendOnly(repository);
        }

        /** The last check, after its time. */
        String check() {
            return repository
                    .lastCheck()
                    .map(last -> (last.ok() ? "passed" : "failed") + RepositoryWords.share(last))
                    .orElse("never");
        }
    }

    /** @param sizes by day, oldest first */
    record Findings(RepositoryId id, List<RepositoryFindings.Size> sizes, List<RepositoryFindings.Key> keys) {

        boolean hasUnexpected() {
            return keys.stream().anyMatch(key -> !key.expected());
        }
    }

    record Machines(List<Machine> machines) {}

    /**
     * A machine that uses it.
     *
     * @param words its state, such as {@code backed up}
     * @param lastBackup that saved a snapshot; absent if none did
     * @param keeper whether it does what concerns the whole repository
     */
    record Machine(HostId id, String name, String tone, String words, Optional<Instant> lastBackup, boolean keeper) {}

    /**
     * The jobs at it.
     *
     * @param open running ones first, then those that wait, in their order
     * @param ended the last ones, newest first
     */
    record Queue(List<JobLine> open, List<JobLine> ended) {}

    record Copies(List<CopyLine> lines) {}

    /**
     * A schedule that copies from or to it.
     *
     * @param words before the name of the other repository
     */
    record CopyLine(CopyView copy, String words, CopyView.Place other) {

        String tone() {
            return copy.late() ? "bad" : copy.missing() == 0 ? "good" : "";
        }
    }

    /**
     * A part of its snapshots.
     *
     * @param items newest first
     * @param total of all pages
     * @param older path of the next page; empty if this is the last
     */
    record Contents(List<Item> items, long total, String older) {}

    /**
     * A snapshot.
     *
     * @param host name in the snapshot
     * @param hostId the machine of this name; absent for one that is not known here
     * @param schedule name of the schedule that made it; empty if none did, or it was deleted
     */
    record Item(
            String id,
            String shortId,
            Instant time,
            String host,
            Optional<HostId> hostId,
            String schedule,
            List<String> paths,
            Optional<Long> bytes) {}

    @Override
    public String template() {
        return "repository/page.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return List.of(state, pending, rotation, machines, queue, copies, findings, contents);
    }
}
