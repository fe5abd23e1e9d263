/** Backup and restore of the server itself: database, keys and recorded settings. */
package io.resticfleet.server.recovery;
