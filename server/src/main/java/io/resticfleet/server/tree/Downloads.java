package io.resticfleet.server.tree;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.DumpFormat;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.listing.NodeType;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.snapshot.LocatedSnapshot;
import io.resticfleet.server.snapshot.Snapshots;
import io.resticfleet.server.transfer.Transfers;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.SharedBudget;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Files of snapshots, as an agent reads them for a client; nothing of them is stored. Safe for use by many threads. */
public final class Downloads {

    private static final String FEATURE = "question.dump";

    /** At the same time; each occupies two threads. */
    private static final int MAX = 20;

    private static final int MAX_PER_USER = 8;

    /** Until the agent begins to send, after it has the first bytes. */
    private static final int BEGIN_SECONDS = 30;

    /** Until then, restic reads the repository's index. */
    private static final Duration ADDRESS_VALID = Duration.ofMinutes(2);

    /** Hosts that are asked one after the other, if one cannot answer. */
    private static final int MAX_HOSTS = 3;

    /** What another host would answer too. */
    private static final Set<String> DEFINITE = Set.of("no_such_file", "not_a_file", "not_a_directory");

    private final Database db;
    private final Audit audit;
    private final Snapshots snapshots;
    private final Trees trees;
    private final ListingHosts hosts;
    private final Questions questions;
    private final Transfers transfers;
    private final SharedBudget<String> slots = new SharedBudget<>(MAX, MAX_PER_USER);

    Downloads(
            Database db,
            Audit audit,
            Snapshots snapshots,
            Trees trees,
            ListingHosts hosts,
            Questions questions,
            Transfers transfers) {
        this.db = db;
        this.audit = audit;
        this.snapshots = snapshots;
        this.trees = trees;
        this.hosts = hosts;
        this.questions = questions;
        this.transfers = transfers;
    }

    /**
     * What is wanted.
     *
     * @param size of the file; absent for an archive, and if the snapshot is not indexed
     */
    public record Wanted(LocatedSnapshot located, SnapshotPath path, DumpFormat format, Optional<Long> size) {}

    /** Uses the bytes; what it throws breaks the agent's sending off. */
    public interface Client {
        void receive(InputStream body);
    }

    /** @throws Problem 404, 409 {@code not_a_file} */
    public Wanted find(String snapshotId, SnapshotPath path, DumpFormat format) {
        var located = snapshots.locate(snapshotId);
        var entry = trees.entry(snapshotId, path);
        boolean noFile = entry.filter(found -> !found.type().equals(NodeType.FILE.word()))
                        .isPresent()
                || path.parent().isEmpty();
        if (format == DumpFormat.RAW && noFile) {
            throw Problem.conflict("not_a_file", path + " is no file; ask for it as zip or tar");
        }
        return new Wanted(
                located, path, format, format == DumpFormat.RAW ? entry.flatMap(TreeEntry::size) : Optional.empty());
    }

    /**
     * Has an agent send the bytes.
     *
     * @param userId who counts for the number of downloads at the same time
     * @param offset number of bytes at the beginning that are left out
     * @throws Problem 429 {@code too_many_downloads}; 404; 409 {@code host_offline}, {@code download_off}, or with the code of the agent's failure
     */
    public void send(Actor actor, String userId, Wanted wanted, long offset, Client client) {
        if (!slots.take(userId, 1)) {
            throw Problem.tooMany(
                    "too_many_downloads",
                    "there are too many downloads at the same time; try again when one has ended");
        }
        try {
            var located = wanted.located();
            if (hosts.refusesDownload(located.repositoryId(), located.snapshot().hostname())) {
                throw Problem.conflict(
                        "download_off", "the owner of the snapshot's machine does not allow downloads of its files");
            }
            var able =
                    hosts.connected(located.repositoryId(), located.snapshot().hostname(), FEATURE);
            var failure = new Reply.Failure(
                    "host_offline", "no machine is connected that uses the repository and can read its snapshots");
            for (var hostId : able.subList(0, Math.min(MAX_HOSTS, able.size()))) {
                var failed = send(actor, hostId, wanted, offset, client);
                if (failed.isEmpty()) {
                    return;
                }
                failure = failed.get();
                if (DEFINITE.contains(failure.code())) {
                    break;
                }
            }
            throw failure.code().equals("no_such_file")
                    ? Problem.notFound(wanted.path() + " in this snapshot")
                    : Problem.conflict(failure.code(), failure.detail());
        } finally {
            slots.free(userId, 1);
        }
    }

    /** Why this host cannot; empty if it did. */
    private Optional<Reply.Failure> send(Actor actor, HostId hostId, Wanted wanted, long offset, Client client) {
        try (var dump = new Dump();
                var transfer = transfers.open(hostId, ADDRESS_VALID, dump::receive)) {
            var ask = new Ask.Dump(
                    Optional.of(wanted.located().repositoryId()),
                    wanted.located().snapshot().id(),
                    wanted.path(),
                    wanted.format(),
                    offset,
                    transfer.token());
            var asker = "download " + transfer.token().value(); // a question of its own, which no other one cancels
            var reply = questions.ask(hostId, asker, List.of(ask)).get(0);
            if (reply instanceof Reply.Failure failure) {
                return Optional.of(failure);
            }
            var body = dump.body(BEGIN_SECONDS);
            if (!(reply instanceof Reply.DumpStarted) || body.isEmpty()) {
                return Optional.of(
                        new Reply.Failure("failed", "the machine's agent did not send what it was asked for"));
            }
            record(actor, hostId, wanted, offset);
            client.receive(body.get());
            dump.complete();
            return Optional.empty();
        }
    }

    private void record(Actor actor, HostId hostId, Wanted wanted, long offset) {
        db.change(tx -> audit.record(
                tx,
                actor,
                "snapshot.download",
                wanted.located().snapshot().id(),
                Map.of(
                        "path",
                        wanted.path().path(),
                        "format",
                        wanted.format().word(),
                        "offset",
                        offset,
                        "host_id",
                        hostId)));
    }
}
