/** Upgrades of the agent, and the way back. Uses the server's HTTP client; knows nothing about jobs. */
package io.resticfleet.agent.upgrade;
