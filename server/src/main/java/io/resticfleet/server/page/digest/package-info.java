/** Digests in words. */
package io.resticfleet.server.page.digest;
