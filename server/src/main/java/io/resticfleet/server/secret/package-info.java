/** Envelopes for what must not be read by whoever reads the database. */
package io.resticfleet.server.secret;
