/** The list of a host's snapshots. */
package io.resticfleet.server.page.snapshot;
