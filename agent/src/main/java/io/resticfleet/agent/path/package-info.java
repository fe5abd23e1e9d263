/** What is at a path of this machine. */
package io.resticfleet.agent.path;
