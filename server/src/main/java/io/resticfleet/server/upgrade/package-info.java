/** Agents that are older than the one this server carries, and how they become it. */
package io.resticfleet.server.upgrade;
