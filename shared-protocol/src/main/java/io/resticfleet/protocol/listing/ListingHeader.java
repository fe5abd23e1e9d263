package io.resticfleet.protocol.listing;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The first line of a listing.
 *
 * @param snapshot full id of the snapshot
 * @param tree restic's id of the listed directory, which is the root if all of it is listed
 * @param base full id of another snapshot: only directories that differ from it are listed, each after its {@link
 *     ListedDirectory}; absent if everything is
 */
public record ListingHeader(String snapshot, String tree, Optional<String> base) {

    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

    /** @throws IllegalArgumentException if one of them is no id */
    public ListingHeader {
        if (!ID.matcher(snapshot).matches()
                || !ID.matcher(tree).matches()
                || !base.map(id -> ID.matcher(id).matches()).orElse(true)) {
            throw new IllegalArgumentException("an id of restic has 64 hexadecimal digits");
        }
    }
}
