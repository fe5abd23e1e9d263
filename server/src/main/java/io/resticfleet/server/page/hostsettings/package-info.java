/** A host's settings: name, policy, upgrade of its agent, removal. */
package io.resticfleet.server.page.hostsettings;
