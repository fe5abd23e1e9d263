/** How hosts stand: the read model that pages, API, alerts and metrics share. */
package io.resticfleet.server.status;
