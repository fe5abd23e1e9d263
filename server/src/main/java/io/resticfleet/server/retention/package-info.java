/** Which snapshots retention removes, decided from what the server saw itself, not from what a snapshot says of itself. */
package io.resticfleet.server.retention;
