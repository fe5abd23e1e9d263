package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Looks for names. Each request looks through a part of what can match. Used by one thread, for one request. */
final class NameSearch implements AutoCloseable {

    /** Rows that one request looks into. */
    private static final int MAX_ROWS = 1_000;

    /** The same for a query with too few letters for the index of names. */
    private static final int MAX_SCANNED_ROWS = 5_000;

    private static final int ROWS_AT_ONCE = 200;
    private static final Pattern CURSOR = Pattern.compile("([0-9]{1,18})-([0-9]{1,9})");

    private final NameDao dao;
    private final NameQuery query;
    private final String match;
    private final Compression compression = new Compression();
    private final Map<Long, Optional<List<RawText>>> paths = new HashMap<>();

    NameSearch(NameDao dao, NameQuery query) {
        this.dao = dao;
        this.query = query;
        this.match = query.match();
    }

    /** A path that a machine had. */
    record Hit(long scope, List<RawText> names) {}

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
        for (long scope : scopes) {
            long begin = Math.max(from.row(), scope << 32);
            long end = scope + 1 << 32;
            while (begin < end) {
                int wanted = Math.min(ROWS_AT_ONCE, budget);
                var rows = match.isEmpty() ? dao.all(begin, end, wanted) : dao.matches(match, begin, end, wanted);
                for (long row : rows) {
                    var names = names(row);
                    for (int i = row == from.row() ? from.skip() : 0; i < names.size(); i++) {
                        if (hits.size() == limit) {
                            return new Result(hits, Optional.of(new Position(row, i)));
                        }
                        hit(scope, row, names.get(i)).ifPresent(hits::add);
                    }
                    begin = row + 1;
                    budget--;
                }
                if (budget == 0) {
                    return new Result(hits, Optional.of(new Position(begin, 0)));
                }
                if (rows.size() < wanted) {
                    break;
                }
            }
        }
        return new Result(hits, Optional.empty());
    }

    private List<RawText> names(long row) {
        return dao.directory(row)
                .map(found -> NameList.read(compression, found.names()).names())
                .orElse(List.of());
    }

    private Optional<Hit> hit(long scope, long row, RawText name) {
        if (!query.matches(name)) {
            return Optional.empty();
        }
        return path(row)
                .filter(directory -> !query.hasPath() || query.matchesDirectory(text(directory)))
                .map(directory -> {
                    var names = new ArrayList<>(directory);
                    names.add(name);
                    return new Hit(scope, names);
                });
    }

    private static String text(List<RawText> directory) {
        return directory.isEmpty() ? "" : SnapshotPath.of(directory).path();
    }

    /** The path of a row's directory. */
    private Optional<List<RawText>> path(long row) {
        var known = paths.get(row);
        if (known != null) {
            return known;
        }
        var names = new ArrayList<RawText>();
        long id = row;
        while (id >> 32 != 0) {
            var directory = dao.directory(id);
            if (directory.isEmpty()) {
                return Optional.empty();
            }
            var name = directory.get().name();
            if (!name.contains('/')) {
                names.add(name);
            }
            id = directory.get().parent();
        }
        Collections.reverse(names);
        paths.put(row, Optional.of(names));
        return Optional.of(names);
    }

    @Override
    public void close() {
        compression.close();
    }
}
