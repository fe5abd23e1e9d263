package io.resticfleet.server.tree;

import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.SideDatabase;
import io.resticfleet.server.host.HostPolicies;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.snapshot.Snapshots;
import io.resticfleet.server.transfer.Transfers;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/** The index of files, what fills it and what reads it. */
public final class TreeFeature implements AutoCloseable {

    /** Names may take this part of the whole. */
    private static final int NAMES_PART = 3;

    private final SideDatabase file;
    private final SideDatabase names;
    private final Trees trees;
    private final TreeIndexer indexer;
    private final Downloads downloads;

    /** What it needs of other features. */
    public record Needs(
            Database db,
            Audit audit,
            Hosts hosts,
            HostPolicies policies,
            Repositories repositories,
            Snapshots snapshots,
            Agents agents,
            Questions questions,
            Transfers transfers,
            LongSupplier nanoTime) {}

    private TreeFeature(SideDatabase file, SideDatabase names, Trees trees, TreeIndexer indexer, Downloads downloads) {
        this.file = file;
        this.names = names;
        this.trees = trees;
        this.indexer = indexer;
        this.downloads = downloads;
    }

    /**
     * Opens the index.
     *
     * @param directory of the server's data
     * @param maxBytes of the index; 0 for none
     */
    public static TreeFeature open(Path directory, long maxBytes, Needs needs) {
        var file = IndexFiles.trees(directory);
        var namesFile = IndexFiles.names(directory);
        var index = new TreeIndex(file, maxBytes - maxBytes / NAMES_PART);
        var names = new NameIndex(namesFile, index, maxBytes / NAMES_PART);
        var hosts = new ListingHosts(needs.db(), needs.hosts(), needs.policies(), needs.repositories(), needs.agents());
        var folders = new Folders(hosts, needs.questions(), needs.transfers(), needs.nanoTime());
        var scopes = new HostScopes(needs.db(), needs.hosts(), needs.repositories());
        var trees =
                new Trees(needs.snapshots(), index, folders, scopes, new Finder(index, names, hosts, needs.nanoTime()));
        var indexer = new TreeIndexer(
                index, needs.snapshots(), hosts, needs.agents(), needs.transfers(), needs.nanoTime(), names::catchUp);
        if (maxBytes > 0) {
            index.repositories().forEach(indexer::listed);
        } else if (!index.repositories().isEmpty()) {
            index.clear();
        }
        var downloads = new Downloads(
                needs.db(), needs.audit(), needs.snapshots(), trees, hosts, needs.questions(), needs.transfers());
        return new TreeFeature(file, namesFile, trees, indexer, downloads);
    }

    public Trees trees() {
        return trees;
    }

    public TreeIndexer indexer() {
        return indexer;
    }

    public Downloads downloads() {
        return downloads;
    }

    @Override
    public void close() {
        indexer.close();
        file.close();
        names.close();
    }
}
