/** Threads and signals. Uses no other package of the agent. */
package io.resticfleet.agent.thread;
