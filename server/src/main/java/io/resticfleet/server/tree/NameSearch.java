package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/** Looks for names. Each request looks through a part of what can match. Used by one thread, for one request. */
final class NameSearch implements AutoCloseable {

    /** Rows that one request looks into. */
    private static final int MAX_ROWS = 1_000;

    /** The same for a query with too few letters for the index of names. */
    private static final int MAX_SCANNED_ROWS = 5_000;

    private static final int ROWS_AT_ONCE = 100;

    /** After this time, what was found is answered, and where to go on. */
    private static final Duration LIMIT = Duration.ofMillis(30);

    private static final Pattern CURSOR = Pattern.compile("([0-9]{1,18})-([0-9]{1,9})");

    private final NameDao dao;
    private final NameQuery query;
    private final LongSupplier nanoTime;
    private final String match;
    private final Compression compression = new Compression();
    private final Map<Long, Optional<List<RawText>>> paths = new HashMap<>();

    /** @param nanoTime monotonic clock, in nanoseconds */
    NameSearch(NameDao dao, NameQuery query, LongSupplier nanoTime) {
        this.dao = dao;
        this.nanoTime = nanoTime;
        this.query = query;
        this.match = query.match();
    }

    /**
     * A path that a machine had.
     *
     * @param at where it was found
     */
    record Hit(long scope, List<RawText> names, Position at) {}

    /**
     * Where to go on.
     *
     * @param row the row to look into
     * @param skip number of its names that were looked at
     */
    record Position(long row, int skip) {

        /** @throws Problem 400 {@code invalid_cursor} */
        static Position of(Page.Request page) {
            var cursor = CURSOR.matcher(page.cursor().orElse("0-0"));
            if (!cursor.matches()) {
                throw Problem.invalid("invalid_cursor", "cursor must be the next_cursor of the page before");
            }
            return new Position(Long.parseLong(cursor.group(1)), Integer.parseInt(cursor.group(2)));
        }

        String cursor() {
            return row + "-" + skip;
        }
    }

    /** @param next absent if there is no more */
    record Result(List<Hit> hits, Optional<Position> next) {}

    /** Some hits in the rows of these scopes, from a position on. */
    Result find(List<Long> scopes, Position from, int limit) {
        var hits = new ArrayList<Hit>();
        int budget = match.isEmpty() ? MAX_SCANNED_ROWS : MAX_ROWS;
        long until = nanoTime.getAsLong() + LIMIT.toNanos();
        for (long scope : scopes) {
            long begin = Math.max(from.row(), scope << 32);
            long end = scope + 1 << 32;
            while (begin < end) {
                int wanted = Math.min(ROWS_AT_ONCE, budget);
                var rows = match.isEmpty() ? dao.all(begin, end, wanted) : dao.matches(match, begin, end, wanted);
                for (var row : rows) {
                    var names = NameList.read(compression, row.names()).names();
                    for (int i = row.id() == from.row() ? from.skip() : 0; i < names.size(); i++) {
                        if (hits.size() == limit) {
                            return new Result(hits, Optional.of(new Position(row.id(), i)));
                        }
                        hit(scope, new Position(row.id(), i), names.get(i)).ifPresent(hits::add);
                    }
                    begin = row.id() + 1;
                    budget--;
                }
                if (rows.size() < wanted) {
                    begin = end;
                }
                if (budget == 0 || nanoTime.getAsLong() - until > 0) {
                    return new Result(hits, Optional.of(new Position(begin, 0)));
                }
            }
        }
        return new Result(hits, Optional.empty());
    }

    private Optional<Hit> hit(long scope, Position at, RawText name) {
        if (!query.matches(name)) {
            return Optional.empty();
        }
        return path(at.row())
                .filter(directory -> isPath(directory, name))
                .filter(directory -> !query.hasPath() || query.matchesDirectory(text(directory)))
                .map(directory -> {
                    var names = new ArrayList<>(directory);
                    names.add(name);
                    return new Hit(scope, names, at);
                });
    }

    private static boolean isPath(List<RawText> directory, RawText name) {
        int above = directory.stream().mapToInt(each -> 1 + each.length()).sum();
        return above + 1 + name.length() <= SnapshotPath.MAX_BYTES;
    }

    private static String text(List<RawText> directory) {
        return directory.isEmpty() ? "" : SnapshotPath.of(directory).path();
    }

    /** The path of a row's directory. */
    private Optional<List<RawText>> path(long row) {
        if (row >> 32 == 0) {
            return Optional.of(List.of()); // above the root
        }
        var known = paths.get(row);
        if (known == null) {
            known = dao.directory(row)
                    .flatMap(directory -> path(directory.parent()).map(parent -> {
                        if (directory.name().contains('/')) {
                            return parent; // the root, or a part of its directory
                        }
                        var names = new ArrayList<>(parent);
                        names.add(directory.name());
                        return names;
                    }));
            paths.put(row, known);
        }
        return known;
    }

    @Override
    public void close() {
        compression.close();
    }
}
