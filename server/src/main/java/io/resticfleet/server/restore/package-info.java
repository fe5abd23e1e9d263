/** Restores of files to a host, and the permission of its agent for them. */
package io.resticfleet.server.restore;
