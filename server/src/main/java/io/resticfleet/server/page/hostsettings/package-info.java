/** A host's settings: name, policy, agent upgrade, deletion. */
package io.resticfleet.server.page.hostsettings;
