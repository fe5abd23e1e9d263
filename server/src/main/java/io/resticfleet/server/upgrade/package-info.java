/** Upgrade of agents to the version that this server carries. */
package io.resticfleet.server.upgrade;
