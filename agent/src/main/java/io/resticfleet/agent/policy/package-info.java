/**
 * What the owner of this machine allows its server: a file that the owner writes, and the one place that is asked before
 * anything is done that it may forbid. The agent never writes there.
 */
package io.resticfleet.agent.policy;
