package io.resticfleet.protocol.listing;

import io.resticfleet.protocol.SnapshotPath;

/**
 * In a listing with a base: what follows, up to the next of these, is all that is directly in this directory, each with
 * depth 1. A directory in it that is not listed by itself has the same content as in the base.
 */
public record ListedDirectory(SnapshotPath path) implements ListingLine {}
