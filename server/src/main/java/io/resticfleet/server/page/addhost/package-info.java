/** Adding a host: the form, the install command, and the wait for its agent. */
package io.resticfleet.server.page.addhost;
