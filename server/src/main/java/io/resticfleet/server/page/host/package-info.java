/** The head and tabs of a host's pages, its card, and the note about divergence. */
package io.resticfleet.server.page.host;
