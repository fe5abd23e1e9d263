package io.resticfleet.server.tree;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.server.db.SideDatabase;
import io.resticfleet.server.snapshot.LocatedSnapshot;
import io.resticfleet.server.snapshot.Snapshots;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The files of snapshots: what is in a directory, what has a name, its versions, what changed. Safe for use by many threads. */
public final class Trees {

    private final Snapshots snapshots;
    private final TreeIndex index;
    private final Folders folders;
    private final HostScopes scopes;
    private final Finder finder;
    private final Diffs diffs = new Diffs();

    Trees(Snapshots snapshots, TreeIndex index, Folders folders, HostScopes scopes, Finder finder) {
        this.snapshots = snapshots;
        this.index = index;
        this.folders = folders;
        this.scopes = scopes;
        this.finder = finder;
    }

    /**
     * A part of a directory. If its snapshot is not indexed, an agent is asked; all who ask the same share its answer.
     *
     * @param userId who counts for the number of directories that agents are asked for at the same time
     * @param snapshotId its 64 digits, or at least the first 8
     * @param path absent for what was backed up: the deepest directory that has all paths of the snapshot
     * @throws Problem 404, 409 {@code not_a_directory}, or why no agent could be asked; 400 {@code invalid_cursor};
     *     429 {@code too_many_folders}
     */
    public TreeListing list(String userId, String snapshotId, Optional<SnapshotPath> path, Page.Request page) {
        return guarded(() -> {
            var located = snapshots.locate(snapshotId);
            long from = position(page);
            var tree = index.find(located.repositoryId(), located.snapshot().id());
            return tree.map(row -> indexed(located, row, path, from, page.limit()))
                    .orElseGet(() -> asked(userId, located, path, from, page.limit()));
        });
    }

    private static long position(Page.Request page) {
        var cursor = page.cursor().orElse("0");
        if (!cursor.matches("[0-9]{1,9}")) {
            throw Problem.invalid("invalid_cursor", "cursor must be the next_cursor of the page before");
        }
        return Long.parseLong(cursor);
    }

    private TreeListing indexed(
            LocatedSnapshot located, TreeRow tree, Optional<SnapshotPath> wanted, long from, int limit) {
        long root = tree.root().orElseThrow();
        return index.read((dao, reader) -> {
            if (wanted.isPresent()) {
                return part(reader, wanted.get(), directory(reader, root, wanted.get()), from, limit, true);
            }
            var path = BackedUp.commonPath(located.snapshot().paths());
            var directory = reader.directory(root, path);
            while (directory.isEmpty()) {
                path = path.parent().orElse(SnapshotPath.ROOT);
                directory = reader.directory(root, path);
            }
            return part(reader, path, directory.get(), from, limit, true);
        });
    }

    private static long directory(TreeReader reader, long root, SnapshotPath path) {
        return reader.directory(root, path)
                .orElseThrow(() -> reader.find(root, path.names()).isPresent()
                        ? Problem.conflict("not_a_directory", path + " is not a directory in this snapshot")
                        : Problem.notFound(path + " in this snapshot"));
    }

    private static TreeListing part(
            TreeReader reader, SnapshotPath path, long directory, long from, int limit, boolean indexed) {
        long total = reader.count(directory);
        var entries = reader.slice(directory, from, limit).stream()
                .map(entry -> TreeEntry.of(path, entry.node()))
                .toList();
        long next = from + entries.size();
        return new TreeListing(
                path, entries, total, indexed, next < total ? Optional.of(String.valueOf(next)) : Optional.empty());
    }

    private TreeListing asked(
            String userId, LocatedSnapshot located, Optional<SnapshotPath> wanted, long from, int limit) {
        if (wanted.isPresent()) {
            return asked(userId, located, wanted.get(), from, limit);
        }
        var path = BackedUp.commonPath(located.snapshot().paths());
        try {
            return asked(userId, located, path, from, limit);
        } catch (Problem e) {
            if (path.parent().isEmpty() || !e.code().equals("not_a_directory")) {
                throw e;
            }
            return asked(userId, located, path.parent().get(), from, limit);
        }
    }

    private TreeListing asked(String userId, LocatedSnapshot located, SnapshotPath path, long from, int limit) {
        var folder = folders.get(userId, located, path);
        try (var reader = new TreeReader(folder.blocks())) {
            return part(reader, path, folder.root(), from, limit, false);
        }
    }

    /**
     * A part of the files whose name matches.
     *
     * @param query a part of the name; with {@code *}, {@code ?} or {@code [} a pattern for the whole name; with a {@code /}
     *     the same for the path
     * @param hostId absent for all hosts
     * @throws Problem 404; 400 {@code invalid_query} or {@code invalid_cursor}
     */
    public FoundFiles find(String query, Optional<HostId> hostId, Page.Request page) {
        return guarded(() -> {
            var parsed = NameQuery.of(query);
            var own = hostId.map(scopes::of);
            var found = finder.find(parsed, own, page);
            boolean incomplete = hostId.map(id -> status(id).incomplete() || !allFound(own.get()))
                    .orElseGet(() -> index.count() < snapshots.countAll());
            return new FoundFiles(found.items(), incomplete || found.cut(), found.nextCursor());
        });
    }

    private boolean allFound(List<HostScopes.Scope> own) {
        return own.stream().allMatch(scope -> index.allFound(scope.repositoryId(), scope.hostname()));
    }

    /**
     * What the indexed snapshots of a host have at a path.
     *
     * @throws Problem 404, 400 {@code invalid_path} for the root
     */
    public FileVersions versions(HostId hostId, SnapshotPath path) {
        return guarded(() -> {
            if (path.parent().isEmpty()) {
                throw Problem.invalid("invalid_path", "the root has no versions; name a file or a directory");
            }
            var own = scopes.of(hostId);
            var versions = index.read((dao, reader) -> {
                var walk = new TreeWalk(reader);
                var trees = own.stream()
                        .flatMap(scope -> dao.ofHost(scope.repositoryId(), scope.hostname()).stream())
                        .sorted(HostScopes.NEWEST_FIRST)
                        .toList();
                return HostVersions.of(walk, path.names(), trees);
            });
            return new FileVersions(path, versions, status(hostId).incomplete());
        });
    }

    /**
     * A part of what differs from one snapshot to another.
     *
     * @throws Problem 404, 409 {@code not_indexed}; 400 {@code invalid_cursor}
     */
    public TreeDiff diff(String before, String after, Page.Request page) {
        return guarded(() -> {
            var instance = index.instance(); // before the roots, so that those of another are not taken for its own
            long old = root(before);
            long fresh = root(after);
            return index.read((dao, reader) -> diffs.page(reader, instance, old, fresh, page));
        });
    }

    /**
     * Whether anything differs between two snapshots, also what is not indexed, such as the contents of a file with the same
     * size and time.
     *
     * @throws Problem 404, 409 {@code not_indexed}
     */
    public boolean differ(String before, String after) {
        return guarded(() -> !tree(before).resticTree().equals(tree(after).resticTree()));
    }

    private long root(String snapshotId) {
        return tree(snapshotId).root().orElseThrow();
    }

    private TreeRow tree(String snapshotId) {
        var located = snapshots.locate(snapshotId);
        return index.find(located.repositoryId(), located.snapshot().id())
                .orElseThrow(() -> Problem.conflict(
                        "not_indexed",
                        "the files of snapshot " + located.snapshot().shortId()
                                + " are not known to the server; it asks the machine for them when that is connected"));
    }

    /**
     * The name's last part, size and other values of one file or directory, if its snapshot is indexed.
     *
     * @throws Problem 404, if there is no such snapshot, or nothing at this path in it
     */
    public Optional<TreeEntry> entry(String snapshotId, SnapshotPath path) {
        return guarded(() -> {
            var located = snapshots.locate(snapshotId);
            var parent = path.parent();
            if (parent.isEmpty()) {
                return Optional.empty();
            }
            return index.find(located.repositoryId(), located.snapshot().id())
                    .map(tree ->
                            index.read((dao, reader) -> reader.find(tree.root().orElseThrow(), path.names())
                                    .map(found -> TreeEntry.of(parent.get(), found.node()))
                                    .orElseThrow(() -> Problem.notFound(path + " in this snapshot"))));
        });
    }

    /**
     * How much of a host's snapshots is indexed.
     *
     * @throws Problem 404
     */
    public IndexStatus status(HostId hostId) {
        return guarded(() -> {
            long all = 0;
            long indexed = 0;
            long evicted = 0;
            for (var scope : scopes.of(hostId)) {
                all += snapshots.count(hostId, scope.repositoryId());
                indexed += index.read((dao, reader) -> dao.count(scope.repositoryId(), scope.hostname()));
                evicted += index.read((dao, reader) -> dao.evicted(scope.repositoryId(), scope.hostname()));
            }
            return new IndexStatus(all, Math.min(indexed, all), evicted);
        });
    }

    private static <T> T guarded(Supplier<T> work) {
        try {
            return work.get();
        } catch (SideDatabase.Failed e) {
            throw Problem.unavailable(
                    "index_failed",
                    "the index of files cannot be read: " + e.getMessage()
                            + "; if it is damaged, it is replaced, and the snapshots are listed again");
        }
    }
}
