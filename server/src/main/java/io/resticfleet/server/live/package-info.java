/** Live pages: page content as fragments with versions, and the stream that reports changed versions. */
package io.resticfleet.server.live;
