/** Backup and restore of the server itself: its database, its keys and its recorded settings. */
package io.resticfleet.server.recovery;
