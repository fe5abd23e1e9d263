package io.resticfleet.server.tree;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.server.web.Page;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** Finds files by their names, and shows which snapshots have them. Safe for use by many threads. */
final class Finder {

    /** Items of one page: for each, the trees of its machine are looked into. */
    private static final int MAX_ITEMS = 100;

    /** After this time, the rest of what was found is left to the next page. */
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final TreeIndex trees;
    private final NameIndex names;
    private final ListingHosts hosts;
    private final LongSupplier nanoTime;

    /** @param nanoTime monotonic clock, in nanoseconds */
    Finder(TreeIndex trees, NameIndex names, ListingHosts hosts, LongSupplier nanoTime) {
        this.trees = trees;
        this.names = names;
        this.hosts = hosts;
        this.nanoTime = nanoTime;
    }

    /**
     * What was found, and where to go on.
     *
     * @param cut whether names were left out where it looked
     */
    record Found(List<FoundFiles.Item> items, boolean cut, Optional<String> nextCursor) {}

    /**
     * Finds some of the files.
     *
     * @param scopes where to look; absent for everywhere
     */
    Found find(NameQuery query, Optional<List<HostScopes.Scope>> scopes, Page.Request page) {
        var from = NameSearch.Position.of(page);
        return names.read(dao -> {
            var all = dao.scopes().stream()
                    .filter(row -> scopes.isEmpty()
                            || scopes.get().contains(new HostScopes.Scope(row.repositoryId(), row.hostname())))
                    .collect(Collectors.toMap(NameDao.ScopeRow::id, Function.identity()));
            try (var search = new NameSearch(dao, query, nanoTime)) {
                var ids = all.keySet().stream().sorted().toList();
                var result = search.find(ids, from, Math.min(MAX_ITEMS, page.limit()));
                return found(result, all);
            }
        });
    }

    private Found found(NameSearch.Result result, Map<Long, NameDao.ScopeRow> scopes) {
        boolean cut = scopes.values().stream().anyMatch(NameDao.ScopeRow::cut);
        long until = nanoTime.getAsLong() + LIMIT.toNanos();
        return trees.read((dao, reader) -> {
            var ofScope = new HashMap<Long, Trail>();
            var items = new ArrayList<FoundFiles.Item>();
            for (var hit : result.hits()) {
                boolean first = hit == result.hits().get(0); // so that each page goes on
                if (!first && nanoTime.getAsLong() - until > 0) {
                    return new Found(items, cut, Optional.of(hit.at().cursor()));
                }
                ofScope.computeIfAbsent(hit.scope(), id -> trail(dao, reader, scopes.get(id)))
                        .item(hit.names())
                        .ifPresent(items::add);
            }
            return new Found(items, cut, result.next().map(NameSearch.Position::cursor));
        });
    }

    private Trail trail(TreeDao dao, TreeReader reader, NameDao.ScopeRow scope) {
        return new Trail(
                scope.repositoryId(),
                scope.hostname(),
                hosts.named(scope.repositoryId(), scope.hostname()),
                dao.ofHost(scope.repositoryId(), scope.hostname()),
                new TreeWalk(reader));
    }

    /** The trees of one machine. */
    private record Trail(
            RepositoryId repositoryId,
            String hostname,
            Optional<HostId> hostId,
            List<TreeRow> newestFirst,
            TreeWalk walk) {

        /** Absent if no tree has it any more. */
        private Optional<FoundFiles.Item> item(List<RawText> path) {
            var versions = HostVersions.of(walk, path, newestFirst);
            if (versions.isEmpty()) {
                return Optional.empty();
            }
            var ids = versions.stream()
                    .flatMap(version -> version.snapshotIds().stream())
                    .collect(Collectors.toSet());
            var having = newestFirst.stream()
                    .map(TreeRow::snapshotId)
                    .filter(ids::contains)
                    .toList();
            var newest = versions.get(0);
            return Optional.of(new FoundFiles.Item(
                    hostId,
                    hostname,
                    repositoryId,
                    SnapshotPath.of(path),
                    newest.type(),
                    newest.size(),
                    newest.mtime(),
                    having.get(having.size() - 1),
                    having.get(0),
                    versions.size()));
        }
    }
}
