/** The first page: the fleet's summary, a card for each host, and recent activity. */
package io.resticfleet.server.page.dashboard;
