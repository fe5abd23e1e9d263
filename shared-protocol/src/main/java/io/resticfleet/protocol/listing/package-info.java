/**
 * The form in which an agent sends the files of a snapshot to the server: a compressed stream of lines, one for each file,
 * that neither side has in memory as a whole.
 */
package io.resticfleet.protocol.listing;
