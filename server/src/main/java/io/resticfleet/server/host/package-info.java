/** Hosts: their identity, names, policies, and the version of their schedules. */
package io.resticfleet.server.host;
