/** How the agent becomes another version, and the way back. Knows the server's HTTP client, and nothing of jobs. */
package io.resticfleet.agent.upgrade;
