package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.db.SideDatabase;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names of all files in indexed snapshots, in a file of their own: for each directory of a machine all names that were ever
 * in it. A tree is added by going through the directories that differ from what was added before. Written by one thread.
 */
final class NameIndex {

    private static final Logger log = LoggerFactory.getLogger(NameIndex.class);

    /** Names in one row. */
    private static final int MAX_NAMES = 512;

    /** Of one directory; more are not found. */
    private static final int MAX_NAMES_OF_DIRECTORY = 200_000;

    /** Of these names. */
    private static final long MAX_NAME_BYTES_OF_DIRECTORY = 8L * 1024 * 1024;

    /** Directories that one transaction changes. */
    private static final int CHANGED_AT_ONCE = 1_000;

    /** One machine may take this part of the whole file. */
    private static final int LARGEST_PART = 4;

    /** For a byte of names, what else is stored for them, by a measurement. */
    private static final int BYTES_PER_NAME_BYTE = 3;

    private final SideDatabase db;
    private final TreeIndex trees;
    private final long maxBytes;

    NameIndex(SideDatabase db, TreeIndex trees, long maxBytes) {
        this.db = db;
        this.trees = trees;
        this.maxBytes = maxBytes;
    }

    <T> T read(Function<NameDao, T> query) {
        return db.read(handle -> query.apply(NameDao.of(handle)));
    }

    /** Adds the trees that were not added yet, and removes machines without trees. */
    void catchUp() {
        if (db.replaceIfDamaged()) {
            trees.nothingFound();
        }
        requireSource();
        removeUnused();
        for (var tree = trees.notFound(); tree.isPresent() && mayGrow(); tree = trees.notFound()) {
            add(tree.get());
        }
    }

    /** Starts again from nothing if the file of trees was replaced, as ids of its blocks have other meanings now. */
    private void requireSource() {
        var known = read(NameDao::source);
        if (known.equals(Optional.of(trees.instance()))) {
            return;
        }
        if (known.isPresent()) {
            db.markDamaged();
            db.replaceIfDamaged();
        }
        db.change(tx -> NameDao.of(tx).source(trees.instance()));
        trees.nothingFound();
    }

    private void removeUnused() {
        for (var scope : read(NameDao::scopes)) {
            if (!trees.hasAny(scope.repositoryId(), scope.hostname())) {
                int deleted;
                do {
                    deleted = db.write(tx -> NameDao.of(tx).delete(scope, CHANGED_AT_ONCE));
                } while (deleted > 0);
            }
        }
    }

    private void add(TreeRow tree) {
        long root = tree.root().orElseThrow();
        var walk = new Walk(tree.repositoryId(), tree.hostname(), root);
        boolean more = true;
        while (more && mayGrow()) {
            more = trees.<Boolean>read((dao, reader) -> db.write(tx -> walk.goOn(tx, reader)));
        }
        if (!more) {
            trees.found(tree);
        }
    }

    /** Whether more may be added now. */
    private boolean mayGrow() {
        return db.bytes() < maxBytes
                && db.freeBytes() > TreeIndex.LEFT_FREE
                && !Thread.currentThread().isInterrupted(); // the server is being stopped
    }

    /** A directory that is being added; its directories are read again, as there may be many. */
    private static final class Step {
        private final long id;
        private final long block;
        private Iterator<Long> pages;
        private long page;
        private int entry;

        private Step(long id, long block) {
            this.id = id;
            this.block = block;
        }

        /** The next directory with content. */
        private Optional<DirectoryPage.Entry> next(TreeReader reader) {
            while (page != 0 || pages.hasNext()) {
                if (page == 0) {
                    page = pages.next();
                    entry = 0;
                }
                var entries = reader.entries(page);
                while (entry < entries.size()) {
                    var found = entries.get(entry++);
                    if (found.child() != 0) {
                        return Optional.of(found);
                    }
                }
                page = 0;
            }
            return Optional.empty();
        }
    }

    /** Goes through a tree, in several transactions. */
    private final class Walk {
        private final RepositoryId repositoryId;
        private final String hostname;
        private final long root;
        private final Deque<Step> open = new ArrayDeque<>();
        private NameDao dao;
        private NameDao.ScopeRow scope;
        private TreeReader reader;
        private Compression compression;
        private boolean begun;

        private Walk(RepositoryId repositoryId, String hostname, long root) {
            this.repositoryId = repositoryId;
            this.hostname = hostname;
            this.root = root;
        }

        /** Returns whether there is more. */
        private boolean goOn(Handle tx, TreeReader from) {
            dao = NameDao.of(tx);
            reader = from;
            if (dao.scope(repositoryId, hostname).isEmpty()) {
                dao.addScope(repositoryId, hostname);
            }
            scope = dao.scope(repositoryId, hostname).orElseThrow();
            try (var own = new Compression()) {
                compression = own;
                if (!begun) {
                    begun = true;
                    enter(scope.id(), RawText.of("/"), root);
                }
                for (int i = 0; i < CHANGED_AT_ONCE && !open.isEmpty(); i++) {
                    step();
                }
            }
            dao.update(scope);
            return !open.isEmpty();
        }

        private void step() {
            var step = open.element();
            if (step.pages == null) {
                addNames(step);
                step.pages = reader.pages(step.block).iterator();
            }
            var child = step.next(reader);
            if (child.isPresent()) {
                enter(step.id, child.get().node().name(), child.get().child());
            } else {
                dao.block(step.id, step.block);
                open.pop();
            }
        }

        private void enter(long parent, RawText name, long block) {
            var known = dao.directory(parent, name);
            if (known.isEmpty()) {
                open.push(new Step(insert(parent, name), block));
            } else if (known.get().block() != block) {
                open.push(new Step(known.get().id(), block));
            }
        }

        private long insert(long parent, RawText name) {
            scope = scope.withNextId();
            long id = scope.id() << 32 | scope.lastId();
            dao.insert(new NameDao.DirectoryRow(id, parent, name, -1, new NameList(List.of()).write(compression)));
            return id;
        }

        private void addNames(Step step) {
            var row = dao.directory(step.id).orElseThrow();
            var last = row.id();
            var names = new ArrayList<>(NameList.read(compression, row.names()).names());
            Set<RawText> known = new HashSet<>(names);
            int parts = 1;
            for (var part = dao.directory(row.id(), part(parts));
                    part.isPresent();
                    part = dao.directory(row.id(), part(parts))) {
                last = part.get().id();
                names = new ArrayList<>(
                        NameList.read(compression, part.get().names()).names());
                known.addAll(names);
                parts++;
            }
            int before = names.size();
            long bytes = known.stream().mapToLong(RawText::length).sum();
            for (long page : reader.pages(step.block)) {
                for (var entry : reader.entries(page)) {
                    var name = entry.node().name();
                    if (known.contains(name)) {
                        continue;
                    }
                    if (known.size() >= MAX_NAMES_OF_DIRECTORY
                            || bytes + name.length() > MAX_NAME_BYTES_OF_DIRECTORY
                            || !hasRoom()) {
                        scope = scope.leftOut();
                        continue;
                    }
                    known.add(name);
                    if (names.size() >= MAX_NAMES) {
                        if (names.size() > before) {
                            write(last, names);
                        }
                        names = new ArrayList<>();
                        before = 0;
                        last = insert(row.id(), part(parts));
                        parts++;
                    }
                    names.add(name);
                    bytes += name.length();
                }
            }
            if (names.size() > before) {
                write(last, names);
            }
        }

        /** No file has such a name. */
        private static RawText part(int number) {
            return RawText.of("/" + number);
        }

        private boolean hasRoom() {
            return scope.bytes() * BYTES_PER_NAME_BYTE < maxBytes / LARGEST_PART;
        }

        private void write(long id, List<RawText> names) {
            var list = new NameList(names);
            var stored = list.write(compression);
            dao.names(id, stored, list.text());
            scope = scope.grownBy(stored.length);
            if (!hasRoom()) {
                log.warn("the names of a machine's files take too much, not all are found hostname={}", hostname);
            }
        }
    }
}
