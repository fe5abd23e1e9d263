package io.resticfleet.server.tree;

/** Where directories are read from. */
interface BlockSource {

    /** A block as {@link Compression} made it. */
    byte[] get(long id);
}
