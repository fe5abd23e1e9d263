/** What restic said was in the repository; nobody waits for restic to read it. */
package io.resticfleet.server.snapshot;
