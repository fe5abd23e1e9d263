/** The agent's own threads, and how they wait. Uses none of the others. */
package io.resticfleet.agent.thread;
