package io.resticfleet.server.tree;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.listing.ListingReader;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.snapshot.LocatedSnapshot;
import io.resticfleet.server.transfer.Transfers;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.SharedBudget;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * Directories of snapshots that are not indexed, as an agent lists them. All who ask for the same one share the answer, which is
 * kept for a while. Safe for use by many threads.
 */
final class Folders {

    private static final String FEATURE = "question.folder";
    private static final Duration KEPT_FOR = Duration.ofMinutes(10);

    /** Until the agent begins to send. */
    private static final Duration ADDRESS_VALID = Duration.ofSeconds(60);

    private static final long MAX_ENTRIES = 500_000;

    /** Of one directory, compressed. */
    private static final long MAX_BYTES = 6L * 1024 * 1024;

    /** Of all that are kept. */
    private static final long MAX_KEPT_BYTES = 16L * 1024 * 1024;

    /** So much of the memory a small directory takes at least. */
    private static final int LEAST_BYTES = 512;

    /** Hosts that are asked one after the other, if one cannot answer. */
    private static final int MAX_HOSTS = 3;

    /** What another host would answer too. */
    private static final Set<String> DEFINITE = Set.of("no_such_file", "not_a_directory", "too_large");

    /** Who wait for an answer at the same time: all users, and one. */
    private static final int MAX_WAITING = 150;

    private static final int MAX_WAITING_PER_USER = 100;

    private final SharedBudget<String> waiting = new SharedBudget<>(MAX_WAITING, MAX_WAITING_PER_USER);
    private final ListingHosts hosts;
    private final Questions questions;
    private final Transfers transfers;
    private final LongSupplier nanoTime;
    private final Map<Key, CompletableFuture<Folder>> asked = new HashMap<>();
    private final LinkedHashMap<Key, Folder> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long keptBytes;

    private record Key(RepositoryId repositoryId, String snapshotId, SnapshotPath path) {}

    /**
     * A directory.
     *
     * @param root block of it; 0 if it is empty
     * @param at when it was listed, on the monotonic clock
     */
    record Folder(MemoryBlocks blocks, long root, long at) {

        private long bytes() {
            return Math.max(LEAST_BYTES, blocks.bytes());
        }
    }

    /** @param nanoTime monotonic clock, in nanoseconds */
    Folders(ListingHosts hosts, Questions questions, Transfers transfers, LongSupplier nanoTime) {
        this.hosts = hosts;
        this.questions = questions;
        this.transfers = transfers;
        this.nanoTime = nanoTime;
    }

    /**
     * Asks an agent, unless the answer is known or another thread asks already.
     *
     * @param userId who waits for it
     * @throws Problem 429 {@code too_many_folders}; 404, or 409 with the code of the agent's failure, or {@code host_offline}
     */
    Folder get(String userId, LocatedSnapshot located, SnapshotPath path) {
        var key = new Key(located.repositoryId(), located.snapshot().id(), path);
        synchronized (this) {
            var known = kept.get(key);
            if (known != null && nanoTime.getAsLong() - known.at() < KEPT_FOR.toNanos()) {
                return known;
            }
        }
        if (!waiting.take(userId, 1)) {
            throw Problem.tooMany(
                    "too_many_folders",
                    "too many directories are being asked for at the same time; try again when one is shown");
        }
        try {
            return wait(located, key);
        } finally {
            waiting.free(userId, 1);
        }
    }

    private Folder wait(LocatedSnapshot located, Key key) {
        var mine = new CompletableFuture<Folder>();
        CompletableFuture<Folder> same;
        synchronized (this) {
            if (kept.containsKey(key) && nanoTime.getAsLong() - kept.get(key).at() < KEPT_FOR.toNanos()) {
                return kept.get(key); // since it was looked for
            }
            same = asked.putIfAbsent(key, mine);
        }
        return same == null ? ask(located, key, mine) : await(same);
    }

    private Folder ask(LocatedSnapshot located, Key key, CompletableFuture<Folder> answer) {
        try {
            var folder = ask(located, key);
            keep(key, folder);
            answer.complete(folder);
            return folder;
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
            throw e;
        } finally {
            synchronized (this) {
                asked.remove(key);
            }
        }
    }

    private static Folder await(CompletableFuture<Folder> answer) {
        try {
            return answer.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof Problem problem ? problem : e;
        }
    }

    private Folder ask(LocatedSnapshot located, Key key) {
        var able = hosts.connected(located.repositoryId(), located.snapshot().hostname(), FEATURE);
        var failure = new Reply.Failure(
                "host_offline", "no machine is connected that uses the repository and can list its snapshots");
        for (var hostId : able.subList(0, Math.min(MAX_HOSTS, able.size()))) {
            var received = new AtomicReference<Folder>();
            var reply = ask(hostId, key, received);
            if (reply instanceof Reply.FolderSent && received.get() != null) {
                return received.get();
            }
            failure = reply instanceof Reply.Failure reason
                    ? reason
                    : new Reply.Failure("failed", "the machine's agent did not send what it was asked for");
            if (DEFINITE.contains(failure.code())) {
                break;
            }
        }
        throw problem(key.path(), failure);
    }

    private static Problem problem(SnapshotPath path, Reply.Failure failure) {
        return failure.code().equals("no_such_file")
                ? Problem.notFound(path + " in this snapshot")
                : Problem.conflict(failure.code(), failure.detail());
    }

    private Reply ask(HostId hostId, Key key, AtomicReference<Folder> received) {
        var tooLarge = new AtomicReference<Reply>();
        try (var transfer = transfers.open(hostId, ADDRESS_VALID, body -> {
            try {
                received.set(receive(key, body));
            } catch (MemoryBlocks.TooLarge e) {
                tooLarge.set(new Reply.Failure(
                        "too_large", "the directory has too many files to be shown without the index"));
                throw new IOException("it has too many files");
            }
        })) {
            var asker = "folder " + transfer.token().value(); // a question of its own, which no other one cancels
            var question =
                    new Ask.Folder(Optional.of(key.repositoryId()), key.snapshotId(), key.path(), transfer.token());
            var reply = questions.ask(hostId, asker, List.of(question)).get(0);
            return tooLarge.get() != null ? tooLarge.get() : reply;
        }
    }

    private Folder receive(Key key, InputStream body) throws IOException {
        var listing = new ListingReader(body, MAX_ENTRIES);
        if (!listing.header().snapshot().equals(key.snapshotId())) {
            throw new TreeIndex.Refused("it is the listing of another snapshot");
        }
        var blocks = new MemoryBlocks(MAX_BYTES);
        var writer = new TreeWriter(blocks);
        for (var node = listing.next(); node.isPresent(); node = listing.next()) {
            if (node.get().depth() != 1) {
                throw new TreeIndex.Refused("a directory was asked for, not what is below");
            }
            if (key.path().raw().length() + 1 + node.get().name().length() > SnapshotPath.MAX_BYTES) {
                throw new TreeIndex.Refused("a path has more than " + SnapshotPath.MAX_BYTES + " bytes");
            }
            writer.addStored(node.get(), 0);
        }
        return new Folder(blocks, writer.end(), nanoTime.getAsLong());
    }

    private synchronized void keep(Key key, Folder folder) {
        var before = kept.put(key, folder);
        keptBytes += folder.bytes() - (before == null ? 0 : before.bytes());
        var oldest = kept.entrySet().iterator();
        while (keptBytes > MAX_KEPT_BYTES && oldest.hasNext()) {
            keptBytes -= oldest.next().getValue().bytes();
            oldest.remove();
        }
    }
}
