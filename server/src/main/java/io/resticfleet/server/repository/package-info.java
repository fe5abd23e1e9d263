/** Repositories: where each host's snapshots go, and the credentials that open it. */
package io.resticfleet.server.repository;
