/** What other programs show of this server: figures, badges, a feed of alerts. */
package io.resticfleet.server.summary;
