/** The head and tabs of a host's pages, its card, and the question after a divergence. */
package io.resticfleet.server.page.host;
