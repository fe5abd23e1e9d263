package io.resticfleet.protocol.listing;

/** A line of a listing between the first and the last. */
public sealed interface ListingLine permits TreeNode, ListedDirectory {}
