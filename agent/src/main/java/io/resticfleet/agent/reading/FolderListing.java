package io.resticfleet.agent.reading;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.listing.ListingHeader;
import io.resticfleet.protocol.listing.ListingWriter;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/** Sends what is directly in a directory of a snapshot. */
record FolderListing(ResticReaders.Reader reader, Repository repository, SnapshotTrees trees, Uploads uploads) {

    Reply send(Ask.Folder question, BooleanSupplier over) throws ReadingFailed, IOException, InterruptedException {
        var tree = trees.find(reader, repository, question.snapshotId(), question.directory(), over);
        var header = new ListingHeader(question.snapshotId(), tree);
        try (var upload = uploads.open(question.transfer(), over);
                var writer = new ListingWriter(upload, header)) {
            long count = trees.read(reader, repository, tree, over, node -> writer.write(node.node(1, node.name())));
            writer.end();
            upload.finish();
            return new Reply.FolderSent(count);
        }
    }
}
