/** Stored lists of each repository's snapshots, so that no page waits for restic. */
package io.resticfleet.server.snapshot;
