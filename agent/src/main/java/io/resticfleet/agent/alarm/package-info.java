/** What this machine tells its owner by itself, while it has no server that could. */
package io.resticfleet.agent.alarm;
