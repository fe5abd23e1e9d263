/** The status of hosts: the read model that pages, API, alerts and metrics share. */
package io.resticfleet.server.status;
