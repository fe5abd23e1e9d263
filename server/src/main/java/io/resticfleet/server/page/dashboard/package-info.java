/** The first page: the fleet's summary, a card for each host, recent activity. */
package io.resticfleet.server.page.dashboard;
