/** Encryption of secrets in the database, and hashing of passwords and tokens. */
package io.resticfleet.server.secret;
