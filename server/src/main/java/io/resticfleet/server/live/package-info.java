/** Live pages: what a page shows as fragments with versions, and the stream that says which have changed. */
package io.resticfleet.server.live;
