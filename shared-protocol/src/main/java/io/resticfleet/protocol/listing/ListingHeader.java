package io.resticfleet.protocol.listing;

import java.util.regex.Pattern;

/**
 * The first line of a listing.
 *
 * @param snapshot full id of the snapshot
 * @param tree restic's id of the listed directory, which is the root if all of it is listed
 */
public record ListingHeader(String snapshot, String tree) {

    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

    /** @throws IllegalArgumentException if one of them is no id */
    public ListingHeader {
        if (!ID.matcher(snapshot).matches() || !ID.matcher(tree).matches()) {
            throw new IllegalArgumentException("an id of restic has 64 hexadecimal digits");
        }
    }
}
