/**
 * The machine's policy: a file of its owner that the agent never writes, and the checks before anything that it may
 * forbid.
 */
package io.resticfleet.agent.policy;
