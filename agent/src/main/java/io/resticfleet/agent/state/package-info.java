/**
 * The agent's directory on disk: writes that are whole or not at all, and room kept for when the disk is full.
 *
 * <p>Used by every other package, uses none of them.
 */
package io.resticfleet.agent.state;
