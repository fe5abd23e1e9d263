/** Pings an address outside while this server works, so that somebody is told when it does not. */
package io.resticfleet.server.watchdog;
